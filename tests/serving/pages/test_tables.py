from serving.pages.tables import to_csv


def test_what_a_spreadsheet_would_run_is_a_text() -> None:
    flows = {"past_by_period": [[{"source": "=1+1", "target": "b", "customers": -2.0}]], "predicted": {}}
    assert to_csv("flows", flows).splitlines() == ["when,source,target,customers", "period 0,'=1+1,b,-2.0"]
