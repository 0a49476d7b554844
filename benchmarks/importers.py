"""What importing an export costs: a million rows of GA4's BigQuery export into a Parquet log and into the store.

Run with ``python -m benchmarks.importers``; ``--quick`` takes 20,000 rows. The rows are generated (synthetic): 2 KB
each, 20 per customer on average, a third of the customers known by an id of the business, one row in a hundred damaged,
one in fifty the copy of another. Memory is that of all processes together; CPU seconds are theirs too.
"""

import argparse
import json
import random
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from rich.console import Console
from rich.table import Table

from features.sources.formats.ga4 import Ga4

if TYPE_CHECKING:  # reading processes load this module again and should stay light
    from features.sources.importing.import_report import ImportReport

START = 1_725_179_400_000_000
NAMES = ("page_view", "view_item", "view_item_list", "add_to_cart", "user_engagement", "scroll", "session_start")
ROWS, QUICK = 1_000_000, 20_000
MOST_SECONDS, MOST_GIGABYTES = 60.0, 1.0
DAMAGED, COPIED = 100, 50


@dataclass(frozen=True)
class Cost:
    """What one import took."""

    name: str
    wall: float
    cpu: float
    gigabytes: float


def main() -> int:
    """Measures both ways, prints the table, and returns 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} rows, under a minute")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--folder", type=Path, help="where the data goes for as long as this runs")
    arguments = parser.parse_args()
    rows = QUICK if arguments.quick else ROWS
    with tempfile.TemporaryDirectory(dir=arguments.folder) as place:
        folder = Path(place)
        file = folder / "events_20240901.json"
        write_rows(file, rows)
        size = file.stat().st_size / 1e9
        log = folder / "log.parquet"
        reports: list[ImportReport] = []
        ways: tuple[tuple[str, Path | None], ...] = (
            ("into a Parquet log", log),
            ("into the store", None),
            ("into the store again", None),
        )
        costs = [
            measured(name, lambda output=output: reports.append(imported(folder, file, output)))
            for name, output in ways
        ]
    bars = checked(costs, reports, rows)
    show(costs, bars, f"{rows:,} generated rows of GA4, {size:.2f} GB")
    if arguments.json:
        figures = {"rows": rows, "gigabytes": size, "costs": [asdict(cost) for cost in costs], "bars": bars}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if all(met for *_, met in bars) else 1


def imported(folder: Path, file: Path, output: Path | None) -> "ImportReport":
    """Imports the file and returns its report."""
    from commands.importing import import_export

    return import_export(folder, Ga4(), [str(file)], output)


def write_rows(file: Path, rows: int) -> None:
    """Writes generated rows, one JSON object a line."""
    with file.open("w", encoding="utf-8") as lines:
        for row in generated_rows(rows):
            lines.write(row + "\n")


def generated_rows(rows: int, seed: int = 0) -> Iterator[str]:
    """Yields rows in the shape of BigQuery's JSON, whole numbers as texts."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    last = ""
    for number in range(rows):
        if number % DAMAGED == DAMAGED - 1:
            yield last[:300]
        elif number % COPIED == COPIED - 1:
            yield last
        else:
            last = json.dumps(generated_row(number, rows, draw))
            yield last


def generated_row(number: int, rows: int, draw: random.Random) -> dict[str, Any]:
    """Returns one event of one of the customers."""
    customer = int(draw.random() ** 2 * rows / 20)
    bought = draw.random() < 0.02
    price = f"{draw.uniform(5, 90):.2f}"
    params: dict[str, dict[str, str]] = {
        "ga_session_id": {"int_value": str(number // 40)},
        "ga_session_number": {"int_value": str(draw.randint(1, 9))},
        "page_location": {"string_value": f"https://shop.example/p/{draw.randint(1, 500)}"},
        "page_title": {"string_value": "A page of the shop"},
        "engagement_time_msec": {"int_value": str(draw.randint(1, 90_000))},
        "session_engaged": {"string_value": "1"},
    }
    return {
        "event_date": "20240901",
        "event_timestamp": str(START + number * 50_000),
        "event_name": "purchase" if bought else draw.choice(NAMES),
        "event_params": [{"key": key, "value": EMPTY | value} for key, value in params.items()],
        "event_bundle_sequence_id": str(number),
        "event_server_timestamp_offset": "866657",
        "user_id": f"crm-{customer}" if customer % 3 == 0 else None,
        "user_pseudo_id": f"{customer}.1725000000",
        "privacy_info": {"analytics_storage": "Yes", "ads_storage": "Yes", "uses_transient_token": "No"},
        "user_first_touch_timestamp": "1725000000000000",
        "device": {
            "category": "mobile",
            "operating_system": "Android",
            "language": "en-us",
            "web_info": {"browser": "Chrome", "browser_version": "127.0", "hostname": "shop.example"},
        },
        "geo": {
            "continent": "Europe",
            "country": "Germany",
            "region": "Berlin",
            "city": "Berlin",
            "metro": "(not set)",
        },
        "traffic_source": {"name": "(direct)", "medium": "(none)", "source": "(direct)"},
        "stream_id": "1234567890",
        "platform": "WEB",
        "ecommerce": {"purchase_revenue": price, "transaction_id": f"T-{number}"} if bought else None,
        "items": [
            {"item_id": "SKU-42", "item_name": "Mug", "item_category": "Kitchen", "price": price, "quantity": "1"}
        ],
        "collected_traffic_source": {"manual_source": "newsletter", "manual_medium": "email"},
        "is_active_user": True,
    }


EMPTY = dict.fromkeys(("string_value", "int_value", "float_value", "double_value"))


def measured(name: str, work: Callable[[], object]) -> Cost:
    """Returns what some work takes, that of its processes included."""
    with Watch() as watch:
        before, started = cpu_seconds(), time.monotonic()
        work()
        cost = Cost(name, time.monotonic() - started, cpu_seconds() - before, 0.0)
    return Cost(name, cost.wall, cost.cpu, watch.peak / 1e9)


class Watch:
    """Looks ten times a second at the memory of this process and its children and keeps the most."""

    def __init__(self) -> None:
        self.peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        process = psutil.Process()
        while not self._over.wait(0.1):
            held = 0
            try:
                for each in (process, *process.children(recursive=True)):
                    held += each.memory_info().rss
            except psutil.Error:
                continue  # one ended meanwhile
            self.peak = max(self.peak, held)


def cpu_seconds() -> float:
    """Returns the CPU seconds of this process and of its children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def checked(costs: list[Cost], reports: "list[ImportReport]", rows: int) -> list[tuple[str, str, str, bool]]:
    """Returns the bars: what is asked, what was measured, and whether it is met."""
    log, first = costs[0], reports[0]
    unexplained = rows - first.used - first.refused.total()
    return [
        ("wall time into a Parquet log, s", f"< {MOST_SECONDS:g}", f"{log.wall:.1f}", log.wall < MOST_SECONDS),
        (
            "memory of all processes, GB",
            f"< {MOST_GIGABYTES:g}",
            f"{log.gigabytes:.2f}",
            log.gigabytes < MOST_GIGABYTES,
        ),
        ("rows that are neither used nor refused", "0", str(unexplained), unexplained == 0),
        ("events new at the second import", "0", f"{reports[2].stored['new']}", reports[2].stored["new"] == 0),
    ]


def show(costs: list[Cost], bars: list[tuple[str, str, str, bool]], title: str) -> None:
    """Prints what each way took, and the bars."""
    table = Table("import", "wall, s", "CPU, s", "memory, GB", title=title)
    for cost in costs:
        table.add_row(cost.name, f"{cost.wall:.1f}", f"{cost.cpu:.1f}", f"{cost.gigabytes:.2f}")
    claims = Table("bar", "asked", "measured", "")
    for name, asked, got, met in bars:
        claims.add_row(name, asked, got, "met" if met else "MISSED")
    console = Console(width=120)
    console.print(table)
    console.print(claims)


if __name__ == "__main__":
    sys.exit(main())
