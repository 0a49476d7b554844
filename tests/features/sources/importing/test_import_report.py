import json
from collections import Counter

from features.sources.importing.import_report import ImportReport
from features.sources.importing.taking import MOST_SHOWN, Taken


def taken(refused: int) -> Taken:
    shown = [{"file": "f", "line": line, "reason": "torn", "detail": "x"} for line in range(min(refused, MOST_SHOWN))]
    return Taken({}, refused + 3, 2, Counter(group=1), Counter(torn=refused), shown)


def test_all_refused_rows_are_counted_and_the_first_ones_shown():
    report = ImportReport(["f"])
    report.count(taken(15))
    report.count(taken(15))
    assert (report.read, report.used, report.aside.total(), report.refused.total()) == (36, 4, 2, 30)
    assert len(report.shown) == MOST_SHOWN
    told = "\n".join(report.sentences())
    assert "36 rows read: 4 used, 2 set aside (group 2)." in told
    assert "30 refused (torn 30)." in told
    assert "f line 0: torn 'x'" in told
    assert "and 10 more" in told


def test_the_saved_report_is_json_that_adds_up(tmp_path):
    report = ImportReport(["f"], made=5, merged=2, taken=3, stored=Counter(new=3))
    report.count(taken(1))
    report.save(tmp_path / "report.json")
    saved = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    rows, events = saved["rows"], saved["events"]
    assert rows["read"] == rows["used"] + sum(rows["aside"].values()) + sum(rows["refused"].values())
    assert events == {"made": 5, "merged": 2, "taken": 3, "new": 3}
