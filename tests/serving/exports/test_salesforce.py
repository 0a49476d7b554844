import csv
import io
import json

from serving.exports.salesforce import job, upsert_files
from serving.exports.score_fields import exported_rows, present_fields
from tests.serving.exports.conftest import GOLDEN, table


def test_the_job_is_the_documented_one():
    assert job() == json.loads((GOLDEN / "salesforce_job.json").read_text(encoding="utf-8"))


def test_what_is_missing_is_set_to_nothing_without_quotes(scores):
    (text,) = upsert_files(exported_rows(scores), present_fields(scores))
    header, first, second = text.splitlines()
    assert header.split(",")[-2:] == ["Nextstage_Reason_1__c", "Customer_Id__c"]
    assert first.endswith('"viewed 5 products, ""mug"" in cart","crm-7"')
    assert second.endswith(',#N/A,"crm-8"')
    assert '"#N/A"' not in text


def test_a_text_that_looks_like_a_formula_is_defused_and_a_negative_number_is_none():
    frame = table({"reason_1": "=HYPERLINK()", "clv_expected": -5.0})
    (row,) = csv.DictReader(io.StringIO(next(upsert_files(exported_rows(frame), present_fields(frame)))))
    assert row["Nextstage_Reason_1__c"] == "'=HYPERLINK()"
    assert row["Nextstage_Clv_Expected__c"] == "-5"


def test_no_file_is_longer_than_the_limit():
    frame = table(*({"customer_id": f"ä{number}"} for number in range(50)))
    files = list(upsert_files(exported_rows(frame), present_fields(frame), most_bytes=2_000))
    assert len(files) > 1
    assert max(len(text.encode()) for text in files) <= 2_000
    rows = [row for text in files for row in csv.DictReader(io.StringIO(text))]
    assert [row["Customer_Id__c"] for row in rows] == [f"ä{number}" for number in range(50)]


def test_nobody_makes_no_file():
    assert list(upsert_files([], ())) == []
