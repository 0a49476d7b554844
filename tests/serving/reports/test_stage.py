from serving.consents import Consent
from serving.reports.stage import stage_panel
from tests.serving.scored import ScoredStore


def test_customers_carry_the_api_s_scores_and_reasons(scored: ScoredStore) -> None:
    report = scored.report
    panel = stage_panel(scored.scorer, report["run"], "occasional", scored.as_of, report["horizon"])
    rows = panel["customers"]
    assert rows
    records = scored.ask([row["customer_id"] for row in rows])
    for row, record in zip(rows, records, strict=True):
        assert row["churn_prob"] == record["churn_prob"]
        assert row["moves"] == 1.0 - record["next_stage"][report["horizon"]]["occasional"]
        assert row["reasons"]
    assert all(1 < times <= len(rows) for _, times in panel["common"])


def test_who_opted_out_since_is_not_listed(own_scored: ScoredStore) -> None:
    def listed() -> list[str]:
        panel = stage_panel(
            own_scored.scorer, own_scored.report["run"], "regular", own_scored.as_of, own_scored.report["horizon"]
        )
        return [row["customer_id"] for row in panel["customers"]]

    name = listed()[0]
    own_scored.store.add_consents([Consent(name, "revoked", own_scored.as_of, "tests")])
    assert name not in listed()
