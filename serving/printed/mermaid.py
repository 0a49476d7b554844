"""The journey map as Mermaid text, which whiteboards and wikis draw: https://mermaid.js.org/syntax/flowchart.html."""

from collections.abc import Mapping
from typing import Any

from serving.printed.reader import Reader
from serving.printed.scene import on_stage, stage_colour

LEAST = 0.02
"""The share of all moves from which one is drawn: more arrows would hide each other."""
SPECIAL = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;", "\\": "#92;"}


def to_mermaid(report: Mapping[str, Any], reader: Reader) -> str:
    """Returns a flowchart of the stages with their customers, the moves of the latest period and those expected."""
    shown, flows, horizon = report["maps"][0], report["flows"], report["horizon"]
    lines = ["flowchart LR"]
    for code, stage in enumerate(shown["stages"]):
        count, share = reader.number(stage["customers"]), reader.ratio(stage["customers"], shown["customers"])
        lines.append(f'  s{code}["{quoted(reader.label(stage["name"]))}<br/>{count} ({share})"]')
    lines.append(f'  new(["{quoted(reader.label(None))}"])')
    ids = {stage["name"]: f"s{code}" for code, stage in enumerate(shown["stages"])} | {None: "new"}
    for drawn, arrow, decimals in ((flows["past"], "-->", 0), (flows["predicted"][horizon], "-.->", 0)):
        total = sum(flow["customers"] for flow in drawn)
        lines += [
            f'  {ids[flow["source"]]} {arrow}|"{reader.number(flow["customers"], decimals)}"| {ids[flow["target"]]}'
            for flow in drawn
            if flow["customers"] >= LEAST * total
        ]
    lines += [
        f"  style s{code} fill:{stage_colour(code)},color:{on_stage(code)},stroke:none" for code in range(len(ids) - 1)
    ]
    solid = reader.text("flows.past", start=reader.date(shown["start"]), end=reader.date(shown["end"]))
    dashed = reader.text("flows.predicted", horizon=reader.horizon(horizon))
    return "\n".join([f"%% --> {_comment(solid)}", f"%% -.-> {_comment(dashed)}", *lines]) + "\n"


def quoted(text: str) -> str:
    """Returns a text that may stand between quotes in Mermaid.

    Examples
    --------
    >>> quoted('A "b" <c>')
    'A #quot;b#quot; #lt;c#gt;'
    """
    return "".join(SPECIAL.get(letter, letter) for letter in " ".join(text.split()))


def _comment(text: str) -> str:
    return " ".join(text.split())
