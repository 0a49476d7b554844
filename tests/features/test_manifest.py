import json

import pytest

from features.errors import PartitionError
from features.manifest import MANIFEST, Manifest
from features.vocabulary import Vocabulary

VOCABULARY = Vocabulary({"event": {"buy": 3}}, {"web": {"buy": 2}}, {"value": True}, {"tier": ("gold",), "age": None})
WRITTEN = Manifest((1, 0), (3, 0), 10, 20, ("shop",), (), True, "abc", VOCABULARY)


def test_it_reads_back_as_it_was_written(tmp_path):
    WRITTEN.save(tmp_path)
    assert Manifest.load(tmp_path) == WRITTEN


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 1}', '{"format": 1, "vocabulary": {}}'])
def test_a_damaged_one_says_so(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(PartitionError, match=r"partitions\.json is damaged .*; partition the events again"):
        Manifest.load(tmp_path)


def test_another_format_says_so(tmp_path):
    WRITTEN.save(tmp_path)
    document = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    (tmp_path / MANIFEST).write_text(json.dumps({**document, "format": 9}), encoding="utf-8")
    with pytest.raises(PartitionError, match="has another format than 1"):
        Manifest.load(tmp_path)


def test_none_at_all_says_how_to_make_one(tmp_path):
    with pytest.raises(PartitionError, match="make one with 'nextstage partition EVENTS FOLDER'"):
        Manifest.load(tmp_path)
