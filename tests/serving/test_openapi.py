import json
import re

from serving.openapi import describe_api


def test_every_reference_leads_somewhere() -> None:
    document = describe_api()
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert references == document["components"]["schemas"].keys()


def test_scoring_is_described() -> None:
    score = describe_api()["paths"]["/score"]["post"]
    assert score["responses"].keys() == {"200", "400", "404", "413", "422"}
    assert "events" in describe_api()["components"]["schemas"]["ScoreRequest"]["properties"]
