import json

import pandas as pd
import pytest

from features.errors import ConfigError
from serving.exports.files import WRITERS, with_contacts, write_files
from tests.serving.exports.conftest import table


@pytest.mark.parametrize("tool", [*WRITERS, "ga4"])
def test_every_tool_gets_files_and_the_same_scores_give_the_same_bytes(tool, scores, tmp_path):
    first = write_files(tool, scores, tmp_path / "out", "1")
    before = [path.read_bytes() for path in first]
    assert write_files(tool, scores, tmp_path / "out", "1") == first
    assert [path.read_bytes() for path in first] == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in first)
    assert all(json.loads(path.read_text(encoding="utf-8")) for path in first if path.suffix == ".json")


def test_the_hubspot_request_names_the_columns_of_its_file(scores, tmp_path):
    sheet, request, _ = write_files("hubspot", scores, tmp_path)
    header = sheet.read_text(encoding="utf-8").splitlines()[0].split(",")
    (file,) = json.loads(request.read_text(encoding="utf-8"))["files"]
    mapped = [column["columnName"] for column in file["fileImportPage"]["columnMappings"]]
    assert (file["fileName"], mapped) == (sheet.name, header)


def test_requests_are_cut_to_what_the_tool_takes(tmp_path):
    frame = table(*({"customer_id": str(number)} for number in range(76)))
    sizes = [len(json.loads(path.read_text())["attributes"]) for path in write_files("braze", frame, tmp_path)]
    assert sizes == [75, 1]


def test_an_unknown_tool_and_a_missing_stream_are_errors(scores, tmp_path):
    with pytest.raises(ConfigError, match="no export is called 'hubspt'; did you mean 'hubspot'"):
        write_files("hubspt", scores, tmp_path)
    with pytest.raises(ConfigError, match="name it by --stream-id"):
        write_files("ga4", scores, tmp_path)


def test_addresses_come_from_a_table_of_contacts(scores):
    bare = scores.drop(columns="email")
    contacts = pd.DataFrame({"customer_id": ["crm-8"], "email": ["b@example.com"]})
    assert with_contacts(bare, contacts)[["customer_id", "email"]].values.tolist() == [["crm-8", "b@example.com"]]
    with pytest.raises(ConfigError, match="lists each customer once"):
        with_contacts(bare, pd.concat([contacts, contacts]))
    with pytest.raises(ConfigError, match="has the column 'horizon_days', which scores have too"):
        with_contacts(bare, bare)


def test_a_shorter_export_leaves_no_file_of_a_longer_one(tmp_path):
    many = table(*({"customer_id": str(number)} for number in range(80)))
    assert len(write_files("braze", many, tmp_path)) == 2
    own = tmp_path / "braze_notes.json"
    own.write_text("mine", encoding="utf-8")
    (short,) = write_files("braze", many[:10], tmp_path)
    assert sorted(tmp_path.iterdir()) == [own, short]
