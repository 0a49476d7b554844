import pytest

from serving.pages.prose import prose


def test_tables_and_lists_are_what_they_are() -> None:
    made = prose("| a |\n|--:|\n| 1 |\n\n- one\n- `two`\n")
    assert "<table>" in made
    assert '<td class="num">1</td>' in made
    assert "style" not in prose("| a | b |\n|:-:|:--|\n| 1 | 2 |\n")
    assert "<li><code>two</code></li>" in made.replace("\n", "")


def test_headings_stand_below_those_of_the_page() -> None:
    assert prose("# a\n\n## b\n\n##### c") == "<h3>a</h3>\n<h4>b</h4>\n<h6>c</h6>\n"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[a](javascript:alert(1))",
        "![a](http://elsewhere/x.png)",
        "<http://elsewhere>",
        "[a]: http://elsewhere\n\n[a]",
    ],
)
def test_a_card_runs_nothing_and_leads_nowhere(hostile: str) -> None:
    made = prose(hostile)
    assert not any(tag in made for tag in ("<script", "<img", "<a "))
    assert "alert" in made or "elsewhere" in made
