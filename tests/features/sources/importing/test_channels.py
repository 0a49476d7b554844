import pytest

from features.sources.importing.channels import channel_of, present


@pytest.mark.parametrize(
    ("medium", "source", "channel"),
    [
        ("(none)", "(direct)", "direct"),
        ("organic", "google", "organic"),
        ("CPC", "google", "paid"),
        ("email", "newsletter", "email"),
        (None, "facebook", "social"),
        (None, "blog.example", "referral"),
        ("(not set)", "(not set)", None),
        (None, None, None),
        ("kiosk", None, "kiosk"),
    ],
)
def test_media_and_sources_of_all_tools_are_one_list_of_channels(medium, source, channel):
    assert channel_of(medium, source) == channel


def test_a_placeholder_is_no_text():
    assert [present(text) for text in ("", "(not set)", None, "0")] == [None, None, None, "0"]
