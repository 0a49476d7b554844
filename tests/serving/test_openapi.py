import json
import re

from features.sources.segment_message import KINDS
from features.timestamps import parse_moment
from models.predictor import RegisteredPredictor
from serving.customer_routes import decide
from serving.gate import Gate
from serving.messages import parse_batch, parse_message
from serving.metrics import Metrics
from serving.openapi import describe_api
from serving.routes import routes
from serving.scorer import Scorer
from serving.segments import Preview, Segment
from serving.store import Store


def test_every_reference_leads_somewhere() -> None:
    document = describe_api()
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert references == document["components"]["schemas"].keys()


def test_scoring_is_described() -> None:
    score = describe_api()["paths"]["/score"]["post"]
    assert {"200", "400", "404", "413", "422"} < score["responses"].keys()
    assert "events" in describe_api()["components"]["schemas"]["ScoreRequest"]["properties"]


def test_every_route_is_described_with_its_scope_and_nothing_else_is(
    model: RegisteredPredictor, filled: tuple[str, Store]
) -> None:
    gate = Gate(filled[1].database, 1)
    served = {
        (route.path, method.lower(), route.needed)
        for route in routes(Scorer(model, filled[1]), gate, Metrics())
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = {
        (path, method, operation["security"][0]["basic"][0] if "security" in operation else None)
        for path, operations in describe_api()["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
    }
    assert described == served


def test_the_examples_of_messages_are_accepted() -> None:
    for path, operations in describe_api()["paths"].items():
        if path.startswith("/v1/"):
            example = operations["post"]["requestBody"]["content"]["application/json"]["example"]
            body, name = json.dumps(example).encode(), path.removeprefix("/v1/")
            now = parse_moment("2026-02-01T00:00:00Z")
            assert parse_message(body, name, now) if name in KINDS else parse_batch(body, now)


def test_the_examples_of_a_segment_and_its_preview_are_true() -> None:
    paths = describe_api()["paths"]
    body = paths["/segments/{name}"]["put"]["requestBody"]["content"]["application/json"]["example"]
    kept = paths["/segments/{name}"]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert Segment.from_dict(body, "at risk").to_dict() == kept["definition"]
    assert Preview.from_dict(kept["preview"]).to_dict() == kept["preview"]


def test_the_example_of_a_decision_is_accepted(store: Store) -> None:
    operation = describe_api()["paths"]["/customers/{customer_id}/consent"]["put"]
    example = json.dumps(operation["requestBody"]["content"]["application/json"]["example"]).encode()
    assert decide(store, "ann", example, parse_moment("2026-02-01T00:00:00Z"), "me")["decision"] == "revoked"


def test_every_answer_has_an_example() -> None:
    for path, operations in describe_api()["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                for status, answer in operation["responses"].items():
                    shown = answer["content"] if status != "303" else answer["headers"]
                    assert all("example" in each for each in shown.values()), (path, method, status)
