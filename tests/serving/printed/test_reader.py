from features.journey import load_journey
from serving.printed.reader import Reader


def test_a_stage_is_said_in_the_language_of_the_reader() -> None:
    reader = Reader(load_journey("funnel"), "sk")
    assert (reader.label("loyalty"), reader.label("lapsed"), reader.label(None)) == (
        "Lojalita",
        "Bez aktivity",
        "Noví zákazníci",
    )
    assert (reader.label("gone_since"), reader.code("gone_since"), reader.code("loyalty")) == ("gone_since", 0, 6)


def test_figures_are_written_as_the_language_writes_them() -> None:
    reader = Reader(load_journey("funnel"), "pl")
    assert str(reader.horizon("28d")) == "28 dni"
    assert reader.number(1234.5, 1) == "1\xa0234,5"
    assert (reader.percent(0.125, 1), reader.ratio(1, 4), reader.ratio(1, 0)) == ("12,5%", "25%", "\N{EN DASH}")
    assert reader.date("2026-01-31T12:00:00Z") == "31 sty 2026"
