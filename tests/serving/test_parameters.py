import re

from serving.openapi import describe_api
from serving.parameters import OF_PATHS, in_path, in_query


def test_every_name_in_a_path_is_described_with_an_example() -> None:
    for path, operations in describe_api()["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                described = [*operations.get("parameters", []), *operation.get("parameters", [])]
                named = {each["name"]: each for each in described if each["in"] == "path"}
                assert named.keys() == set(re.findall(r"{(\w+)}", path)), path
                assert all(each["example"] for each in named.values()), path


def test_what_is_described_here_is_in_the_document() -> None:
    paths = describe_api()["paths"]
    assert OF_PATHS.keys() <= paths.keys()
    assert all(list(found) == paths[path]["get"]["parameters"] for path, found in OF_PATHS.items())


def test_a_path_names_what_a_database_can_look_for_and_a_query_may_name_a_number() -> None:
    assert in_path("name", "a")["schema"]["maxLength"] == 500
    assert in_query("days", "How many", type="integer")["schema"] == {"type": "integer"}
    assert "example" not in in_query("days", "How many")
