"""One list of channels for every source: what each tool calls a medium, a source or a traffic type."""

from functools import lru_cache

DIRECT, ORGANIC, PAID, EMAIL, SOCIAL = "direct", "organic", "paid", "email", "social"
REFERRAL, DISPLAY, AFFILIATE, SMS, PUSH, OFFLINE = "referral", "display", "affiliate", "sms", "push", "offline"

MISSING = frozenset(
    {"", "(not set)", "(not provided)", "(data not available)", "undefined", "null", "<Other>", "(other)"}
)

MEDIA = {
    **dict.fromkeys(("(none)", "none", "direct", "internal"), DIRECT),
    **dict.fromkeys(("organic", "search", "seo"), ORGANIC),
    **dict.fromkeys(("cpc", "ppc", "paid", "paidsearch", "paid search", "sem", "ad", "cpa", "paid_social"), PAID),
    **dict.fromkeys(("email", "e-mail", "e_mail", "newsletter", "mail", "mailing"), EMAIL),
    **dict.fromkeys(("social", "social-network", "social-media", "social network", "sm", "messenger"), SOCIAL),
    **dict.fromkeys(("referral", "link", "recommend", "unknown"), REFERRAL),
    **dict.fromkeys(("display", "banner", "cpm", "interstitial", "video"), DISPLAY),
    **dict.fromkeys(("affiliate", "affiliates", "partner"), AFFILIATE),
    **dict.fromkeys(("sms", "text"), SMS),
    **dict.fromkeys(("push", "notification"), PUSH),
    **dict.fromkeys(("offline", "store", "phone", "qrcode", "qr"), OFFLINE),
}
SOURCES = {
    **dict.fromkeys(("(direct)", "direct"), DIRECT),
    **dict.fromkeys(("newsletter", "mailchimp", "klaviyo", "braze", "email"), EMAIL),
    **dict.fromkeys(("facebook", "instagram", "twitter", "x.com", "linkedin", "tiktok", "pinterest", "vk"), SOCIAL),
}


def present(text: str | None) -> str | None:
    """Returns a text, or None for one of the ways in which tools write that there is none.

    Examples
    --------
    >>> present("(not set)"), present("Mug")
    (None, 'Mug')
    """
    return None if text is None or text in MISSING else text


@lru_cache(maxsize=10_000)
def channel_of(medium: str | None, source: str | None = None) -> str | None:
    """Returns the channel of a medium and a source; a medium of the user's own making stays as it is.

    Examples
    --------
    >>> channel_of("cpc", "google"), channel_of(None, "Newsletter"), channel_of("billboard"), channel_of("(not set)")
    ('paid', 'email', 'billboard', None)
    """
    medium, source = present(medium), present(source)
    if medium is not None:
        named = medium.strip().lower()
        return MEDIA.get(named, named)
    if source is not None:
        return SOURCES.get(source.strip().lower(), REFERRAL)
    return None
