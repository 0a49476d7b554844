import csv
import io

from serving.exports.score_fields import exported_rows, present_fields
from serving.exports.sheets import pipedrive_sheets, score_sheet
from tests.serving.exports.conftest import table


def test_ids_are_defused_too_for_they_come_from_outside():
    frame = table({"customer_id": "=cmd", "clv_expected": -5.0})
    text = score_sheet(exported_rows(frame), present_fields(frame), {"customer_id": "customer_id"}, False)
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["customer_id"], row["clv_expected"]) == ("'=cmd", "-5")


def test_a_sheet_for_people_is_headed_by_words(scores):
    text = score_sheet(exported_rows(scores), present_fields(scores), {"email": "Email"}, True)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["Next stage probability"] == "0.412"
    assert rows[1]["Purchase probability"] == ""


def test_pipedrives_sheets_hold_no_more_rows_than_it_takes(scores):
    rows = list(exported_rows(scores))
    sheets = pipedrive_sheets(rows, present_fields(scores), most=1)
    assert [len(list(csv.DictReader(io.StringIO(sheet)))) for sheet in sheets] == [1, 1]
    assert sheets[0].startswith("Email,Customer id,")
