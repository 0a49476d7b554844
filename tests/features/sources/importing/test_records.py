from features.sources.importing.records import LONGEST_DETAIL, Refused


def test_a_refusal_shows_the_beginning_of_a_cell_and_not_a_whole_row():
    refusal = Refused("too long", "x" * 500)
    assert len(refusal.detail) == LONGEST_DETAIL
    assert refusal.detail.endswith("…")
    assert Refused("short", 7).detail == "7"
