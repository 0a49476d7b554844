import pytest

from serving.pages.flow_page import step_rows


def test_a_row_s_shares_sum_to_one_and_rows_without_moves_are_left_out() -> None:
    flows = [{"source": "a", "target": "b", "customers": 3}, {"source": None, "target": "a", "customers": 1}]
    rows = step_rows(flows, ["a", "b"])
    assert [row["name"] for row in rows] == ["a", None]
    assert [cell["share"] for cell in rows[0]["cells"]] == [0.0, 1.0]
    assert [cell["heat"] for cell in rows[0]["cells"]] == [0, 4]


def test_who_stays_is_on_the_diagonal() -> None:
    (row,) = step_rows([{"source": "a", "target": "b", "customers": 1.0}], ["a", "b"], {"a": 3.0})
    assert [cell["share"] for cell in row["cells"]] == pytest.approx([0.75, 0.25])
