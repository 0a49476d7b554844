import pytest

from features.documents import Document, parse_document, read_document
from features.errors import ConfigError


class Inner(Document):
    size: int = 1


class Outer(Document):
    name: str
    inner: Inner = Inner()
    parts: tuple[Inner, ...] = ()


def parse(data):
    return parse_document(data, Outer, ConfigError, "my.yaml")


def test_a_document_is_read_and_frozen(tmp_path):
    path = tmp_path / "my.yaml"
    path.write_text("name: x\nparts: [{size: 2}]\n", encoding="utf-8")
    document = read_document(path, Outer, ConfigError)
    assert document == Outer(name="x", parts=(Inner(size=2),))
    with pytest.raises(ValueError, match="frozen"):
        document.name = "y"


def test_a_date_stays_the_text_it_is(tmp_path):
    path = tmp_path / "my.yaml"
    path.write_text("name: 2026-01-31\n", encoding="utf-8")
    assert read_document(path, Outer, ConfigError).name == "2026-01-31"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"nam": "x", "name": "y"}, "my.yaml: unknown key 'nam'; did you mean 'name'?"),
        ({"name": "x", "inner": {"siz": 1}}, "my.yaml: unknown key 'inner.siz'; did you mean 'size'?"),
        ({"name": "x", "parts": [{}, {"siz": 1}]}, "my.yaml: unknown key 'parts.1.siz'; did you mean 'size'?"),
        ({"name": "x", "qqq": 1}, "my.yaml: unknown key 'qqq'; known: inner, name, parts"),
        ({}, "my.yaml: key 'name' is missing; add it"),
        ([], "my.yaml holds a list, not keys and values; write 'key: value' lines"),
        (None, "my.yaml holds nothing, not keys and values; write 'key: value' lines"),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(data, sentence):
    with pytest.raises(ConfigError) as raised:
        parse(data)
    assert str(raised.value) == sentence


def test_a_value_of_the_wrong_kind_names_its_key():
    with pytest.raises(ConfigError, match=r"my\.yaml: key 'inner\.size' is 'big' and should be a valid integer"):
        parse({"name": "x", "inner": {"size": "big"}})


@pytest.mark.parametrize(
    ("value", "told"), [([[1]], "a list"), ({"a": 1}, "a dict"), (None, "None"), ("x" * 99, f"'{'x' * 59}…")]
)
def test_a_wrong_value_is_told_in_few_words(value, told):
    with pytest.raises(ConfigError) as raised:
        parse({"name": "x", "inner": {"size": value}})
    assert str(raised.value).startswith(f"my.yaml: key 'inner.size' is {told} and should be")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"no file at .*gone\.yaml; give the path of a YAML file"):
        read_document(tmp_path / "gone.yaml", Outer, ConfigError)


@pytest.mark.parametrize("content", [b"name: [x", b"\xff\xfe\x00", b"!!python/object/apply:os.getcwd []"])
def test_what_is_not_yaml_is_an_error(tmp_path, content):
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"bad\.yaml cannot be read as YAML: .*; correct the file"):
        read_document(path, Outer, ConfigError)
