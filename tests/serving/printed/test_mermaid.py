import re

from features.labels import Labels
from serving.printed.mermaid import LEAST, to_mermaid
from serving.printed.reader import Reader
from tests.serving.scored import ScoredStore


def test_the_chart_has_every_stage_and_the_moves_that_matter(scored: ScoredStore, reader: Reader) -> None:
    lines = to_mermaid(scored.report, reader).splitlines()
    past = scored.report["flows"]["past"]
    total = sum(flow["customers"] for flow in past)
    assert lines[2] == "flowchart LR"
    assert sum(line.count("<br/>") for line in lines) == len(reader.journey.stage_names)
    assert sum(" -->|" in line for line in lines[2:]) == sum(flow["customers"] >= LEAST * total for flow in past)
    assert any(" -.->|" in line for line in lines[2:])


def test_a_hostile_label_stays_between_its_quotes(scored: ScoredStore, reader: Reader) -> None:
    hostile = Labels(en='"]\n  click s0 "javascript:alert(1)"\n%% <script>`#')
    stages = tuple(stage.model_copy(update={"labels": hostile}) for stage in reader.journey.stages)
    text = to_mermaid(scored.report, Reader(reader.journey.model_copy(update={"stages": stages}), "en"))
    assert "<script>" not in text
    shapes = r'(s\d+\["[^"]*"\]|new\(\["[^"]*"\]\)|\w+ -\.?->?\|"[^"]*"\| \w+|style s\d+ [\w:#,]+|flowchart LR|%% .*)'
    assert all(re.fullmatch(rf"\s*{shapes}", line) for line in text.splitlines())
