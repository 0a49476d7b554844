import json

from training.readiness.finding import Finding, Verdict, date_of, listed, percent, warn_if


def test_a_finding_is_plain_data() -> None:
    data = Finding("log", Verdict.BLOCKS, "nothing there", {"events": 0}).to_dict()
    assert json.loads(json.dumps(data)) == {
        "subject": "log",
        "verdict": "blocks training",
        "sentence": "nothing there",
        "numbers": {"events": 0},
    }


def test_words_of_a_sentence() -> None:
    assert warn_if(True) is Verdict.WARNING
    assert warn_if(False) is Verdict.OK
    assert date_of(86_400_000_000 * 366) == "1971-01-02"
    assert listed(["a", "b"]) == "a, b"
    assert listed([]) == ""
    assert percent(1, 2) == "50 %"
