from serving.reports.reader import ReportReader
from serving.store import Store
from tests.serving.scored import ScoredStore


def test_an_empty_store_has_no_report(store: Store) -> None:
    assert ReportReader(store.database).latest() is None


def test_a_report_is_read_once(scored: ScoredStore) -> None:
    reader = ReportReader(scored.store.database)
    first = reader.latest()
    assert first is not None
    assert first is reader.latest()
    assert first["as_of"] == scored.report["as_of"]
