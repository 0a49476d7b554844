"""A model card, which is written in Markdown, as part of a page."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

LOWER = 2
"""By how many levels headings of the text are lower in a page, which has a heading of its own and one for the card."""
RIGHT = "text-align:right"
TEXT_ONLY = ("link", "image", "autolink", "html_inline", "html_block", "reference")
"""What is shown as it is written: a card leads nowhere and fetches nothing."""


def prose(text: str) -> "Markup":
    r"""Returns a text in Markdown (CommonMark, and tables) as HTML that is made of text alone.

    Examples
    --------
    >>> prose("# Card <b>")
    Markup('<h3>Card &lt;b&gt;</h3>\n')
    """
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(list(TEXT_ONLY))
    tokens = reader.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + LOWER)}"
        if token.attrs.pop("style", None) == RIGHT:  # pages allow no inline style
            token.attrSet("class", "num")
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704 - its renderer escapes every text
