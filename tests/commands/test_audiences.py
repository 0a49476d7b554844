import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console
from rich.table import Table

from commands.audiences import (
    audience_path,
    forget_segment,
    kept_segment,
    kept_segments,
    pick_audience,
    preview_audience,
    segment_of,
)
from commands.opened import opened_store
from commands.segment_tables import definition_table, preview_table, segments_table
from serving.personal_data import erase_customer
from serving.segments.errors import SegmentError
from serving.segments.latest import Latest
from serving.segments.preview import Preview
from serving.segments.segment import Segment
from serving.segments.stored import refresh_segments
from serving.store import Store
from tests.serving.segments.conftest import keep_run, made_scores

RISK = Segment("at risk", "stage == 'loyal'", "churn_prob", cost=1.0, value=10.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened_store(tmp_path) as scored:
        keep_run(scored, made_scores())
        yield scored


def shown(*tables: Table) -> str:
    text = io.StringIO()
    Console(width=200, file=text).print(*tables)
    return text.getvalue()


def test_nothing_is_written_before_it_is_asked_for(store: Store, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    assert preview_audience(tmp_path, RISK).size == 3
    assert kept_segments(store) == []
    assert [path for path in sorted(tmp_path.iterdir()) if path not in before] == []


def test_what_was_previewed_is_kept_and_written_best_first(store: Store, tmp_path: Path) -> None:
    path = audience_path(tmp_path, RISK.name)
    found, audience = pick_audience(store, RISK, path, 7)
    assert found == Preview.from_dict(kept_segment(store, RISK.name).preview)
    assert pd.read_csv(path)["customer_id"].tolist() == audience["customer_id"].tolist() == ["g", "a", "b"]
    erase_customer(store.database, "a", 8, "me")
    assert pd.read_csv(path)["customer_id"].tolist() == ["g", "b"]
    forget_segment(store, RISK.name, 9)
    assert kept_segments(store) == []


def test_a_terminal_shows_every_figure(store: Store, tmp_path: Path) -> None:
    pick_audience(store, RISK, tmp_path / "x.csv", 7)
    found, _ = pick_audience(store, RISK, tmp_path / "x.csv", 8)
    told = shown(preview_table(found))
    for part in ("at risk", "3  of 7", "1.9  1 to 3", "expected profit", "3 kept", "0 came, 0 left"):
        assert part in told
    assert "2026-01-31" in shown(definition_table(kept_segment(store, RISK.name)))
    assert "at risk" in shown(segments_table(kept_segments(store)))


def test_a_segment_that_no_longer_fits_says_so_where_it_is_listed(store: Store, tmp_path: Path) -> None:
    pick_audience(store, RISK, tmp_path / "x.csv", 7)
    keep_run(store, made_scores().drop(columns="churn_prob"))
    refresh_segments(store.database, Latest().table, 8)
    for table in (segments_table(kept_segments(store)), definition_table(kept_segment(store, RISK.name))):
        assert "no column of numbers 'churn_prob'" in shown(table)


@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_what_a_segment_says_comes_from_options_then_its_file_then_the_store(
    store: Store, tmp_path: Path, ending: str
) -> None:
    with pytest.raises(SegmentError, match=r"nothing says whom segment 'x' takes .no segment 'x' is kept"):
        segment_of(tmp_path, "x", {"where": None, "top": None})
    pick_audience(store, Segment("x", top=1), tmp_path / "x.csv", 7)
    assert segment_of(tmp_path, "x", {"top": None}) == Segment("x", top=1)
    (tmp_path / "segments").mkdir()
    (tmp_path / "segments" / f"x.{ending}").write_text('{"top": 2, "order_by": "churn_prob"}', encoding="utf-8")
    assert segment_of(tmp_path, "x", {"top": None}) == Segment("x", order_by="churn_prob", top=2)
    assert segment_of(tmp_path, "x", {"top": 3}) == Segment("x", top=3)
    file = tmp_path / "segments" / f"x.{ending}"
    assert segment_of(tmp_path, "y", {"top": 3}, file) == Segment("y", order_by="churn_prob", top=3)
