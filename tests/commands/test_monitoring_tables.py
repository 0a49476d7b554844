"""Tables of a model in use are read in a terminal: nothing may be cut off at eighty characters."""

from dataclasses import replace

from commands.monitoring_tables import drift_table, matured_table
from serving.drift import Drift
from serving.monitor import MonitorReport
from tests.commands.eighty_columns import shown
from tests.serving.test_judgement import card


def report() -> MonitorReport:
    measured = replace(card(), target="next_stage", horizon="28d", rows=123_456, run_id=12)
    drift = Drift("campaign_mailed_count_lifetime", 0.3, 0.02, 100)
    return MonitorReport("healthy", 0, "nextstage", "3", (), (measured,), (), 0, (drift,), (drift,))


def test_what_happened_stands_above_what_was_promised() -> None:
    (only,) = report().cards
    lines = shown(matured_table(report()))
    (place,) = [place for place, line in enumerate(lines) if line.startswith("next_stage_28d")]
    was, promised, interval = lines[place : place + 3]
    assert f"{only.metrics['log_loss']:.3f}" in was.split()
    assert promised.startswith("123,456 in run 12")
    assert f"{only.promised['skill']:.3f}" == promised.split()[-1]
    low, high = only.intervals["skill"]
    assert interval.split() == ["95", "%", f"{low:.2f}", "to", f"{high:.2f}"]


def test_drift_names_scores_and_features() -> None:
    lines = shown(drift_table(report()))
    assert len([line for line in lines if line.split() == ["campaign_mailed_count_lifetime", "0.300", "0.020"]]) == 2
