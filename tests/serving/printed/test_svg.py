from xml.etree import ElementTree

from serving.printed.scene import INK, Label, Ribbon, Scene
from serving.printed.svg import to_svg, writable

SPACE = "{http://www.w3.org/2000/svg}"


def drawn(*shapes) -> ElementTree.Element:
    return ElementTree.fromstring(to_svg(Scene(100, 50, "A <title>", list(shapes))))  # noqa: S314 - our own


def test_a_hostile_text_is_text() -> None:
    text = "</text><script>alert(1)</script>&amp;\"'"
    root = drawn(Label(1, 2, text))
    assert [element.text for element in root.iter(f"{SPACE}text")] == [text]
    assert root.find(f".//{SPACE}script") is None
    assert root.findtext(f"{SPACE}title") == "A <title>"


def test_what_xml_cannot_hold_is_replaced() -> None:
    assert writable("a\x00b\x1f\ud800c\tд") == "a\ufffdb\ufffd\ufffdc\tд"
    assert drawn(Label(0, 0, "\x08"))[2].text == "\ufffd"


def test_a_ribbon_leaves_and_enters_at_its_heights() -> None:
    path = drawn(Ribbon(0, 100, (10, 20), (30, 40), INK))[2].get("d")
    assert path == "M0 10C50 10 50 30 100 30L100 40C50 40 50 20 0 20Z"


def test_the_picture_scales_and_has_its_size() -> None:
    root = drawn()
    assert (root.get("viewBox"), root.get("width"), root.get("height")) == ("0 0 100 50", "100", "50")
