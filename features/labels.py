"""What a stage or a journey is called in the languages that people read."""

import re

from features.documents import Document


class Labels(Document):
    """A label by language; one that is left out is not known."""

    en: str | None = None
    pl: str | None = None
    sk: str | None = None
    ru: str | None = None

    def in_language(self, language: str) -> str | None:
        """Returns the label in a language, else the English one.

        Examples
        --------
        >>> labels = Labels(en="Purchase", pl="Zakup")
        >>> labels.in_language("pl"), labels.in_language("sk"), Labels().in_language("en")
        ('Zakup', 'Purchase', None)
        """
        label: str | None = getattr(self, language, None)
        return label or self.en


def spoken(name: str) -> str:
    """Returns a name as it would be spoken.

    Examples
    --------
    >>> spoken("Product Viewed"), spoken("campaign_mailed"), spoken("pageView")
    ('product viewed', 'campaign mailed', 'page view')
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"[\s_]+", " ", apart).strip().lower() or "unnamed"
