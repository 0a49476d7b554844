"""Tables in Markdown."""

from collections.abc import Sequence


def table(headings: Sequence[str], lines: Sequence[Sequence[str]], right_from: int = 1) -> str:
    """Returns a table whose columns from ``right_from`` on are aligned to the right.

    Examples
    --------
    >>> print(table(("model", "AUC"), [("markov", "0.75")]))
    | model  |  AUC |
    |--------|-----:|
    | markov | 0.75 |
    """
    cells = [[cell.replace("|", "\\|") for cell in line] for line in (headings, *lines)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(headings))]

    def row(line: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if column >= right_from else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rules = ["-" * (width + 1) + (":" if column >= right_from else "-") for column, width in enumerate(widths)]
    return "\n".join([row(cells[0]), f"|{'|'.join(rules)}|", *map(row, cells[1:])])
