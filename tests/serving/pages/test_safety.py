from serving.pages.safety import HEADERS, POLICY


def test_nothing_unsafe_is_allowed() -> None:
    assert "unsafe" not in POLICY
    assert "*" not in POLICY
    assert HEADERS["Cache-Control"] == "no-store"
