"""BG/NBD and gamma-gamma on the CDNOW sample, beside the published estimates.

Run with ``python -m benchmarks.bgnbd --data FOLDER``, a folder with ``events.parquet`` (customer_id, timestamp, event,
value) of all CDNOW customers and ``cdnow_sample_ids.csv.gz`` (column ``master_id``), the systematic sample of 2,357.
Calibration to 1997-09-30, 39 weeks of holdout; time in weeks. BG/NBD: Fader, Hardie and Lee 2005, table 2; gamma-gamma:
Fader and Hardie 2013; the expectation for customer 0001: Fader, Hardie and Lee, "Implementing the BG/NBD Model for
Customer Base Analysis in Excel", 2005.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, roc_auc_score

from benchmarks.bars import Bar, command_line, settle
from features.durations import DAY
from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import load_journey
from features.snapshots import Snapshots
from features.targets import Purchase
from features.timestamps import parse_moment
from models.bgnbd import BgNbd, GammaGamma
from models.repeats import repeat_purchases, repeat_value

CUTOFF = "1997-09-30T23:59:59Z"
WEEKS = 39.0
CUSTOMERS = 2357


def main() -> int:
    """Fits both models, prints the table, and returns 1 if a published figure is not reproduced."""
    parser = command_line(__doc__, "changes nothing: it takes seconds as it is")
    parser.add_argument("--data", type=Path, default=Path("../shared/data/cdnow"), help="the folder with the data")
    arguments = parser.parse_args()
    title = "CDNOW, systematic sample of 1 in 10, weeks; asked: the published figures"
    return settle(measured(sample(arguments.data)), title, arguments.json)


def sample(folder: Path) -> EventLog:
    """Returns the log of the systematic sample; its time stamps have day resolution and are taken as UTC."""
    frame = pd.read_parquet(folder / "events.parquet")
    ids = set(pd.read_csv(folder / "cdnow_sample_ids.csv.gz")["master_id"].astype(int))
    frame = frame[frame["customer_id"].astype(int).isin(ids)]
    return log_from_frame(frame.assign(timestamp=frame["timestamp"].dt.tz_localize("UTC")))


def measured(log: EventLog) -> list[Bar]:
    """Returns every figure beside what is published, and how the models do in the holdout."""
    journey, cutoff = load_journey("retail"), parse_moment(CUTOFF)
    now = Snapshots.at(log, cutoff)
    purchases = repeat_purchases(log, journey, now).per(7.0)
    value = repeat_value(log, journey, now)
    model, spend = BgNbd.fit(purchases), GammaGamma.fit(purchases.frequency, value)
    expected = model.expected_purchases(purchases, WEEKS)
    later = repeat_purchases(log, journey, Snapshots.at(log, cutoff + round(WEEKS * 7) * DAY))
    bought = (Purchase().firsts(log, journey, now).wait <= round(WEEKS * 7) * DAY).astype(np.int64)
    probability = model.purchase_probability(purchases, WEEKS)
    first = int(log.positions([min(log.customers)])[0])
    return [
        published("customers", 0, CUSTOMERS, len(purchases)),
        *(published(f"BG/NBD {name}", 3, known, getattr(model, name)) for name, known in BG_NBD.items()),
        published("BG/NBD log-likelihood", 1, -9582.4, model.log_likelihood(purchases)),
        *(published(f"gamma-gamma {name}", 2, known, getattr(spend, name)) for name, known in GAMMA_GAMMA.items()),
        published("customer with x = 2, t_x = 30.43, T = 38.86: purchases", 3, 1.226, float(expected[first])),
        told("purchases in the holdout, expected", f"{expected.sum():,.0f}"),
        told("purchases in the holdout, actual", f"{(later.frequency - purchases.frequency).sum():,.0f}"),
        told("share of buyers in the holdout, expected", f"{probability.mean():.4f}"),
        told("share of buyers in the holdout, actual", f"{bought.mean():.4f}"),
        told("AUC of a purchase in the holdout", f"{roc_auc_score(bought, probability):.4f}"),
        told("Brier score of a purchase in the holdout", f"{brier_score_loss(bought, probability):.4f}"),
        told("mean probability to be alive", f"{np.mean(model.alive(purchases)):.4f}"),
    ]


BG_NBD = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
GAMMA_GAMMA = {"p": 6.25, "q": 3.74, "gamma": 15.44}


def published(name: str, digits: int, known: float, found: float) -> Bar:
    """Returns a bar that is met when a figure rounds to the published one."""
    return Bar(name, f"{known:.{digits}f}", f"{found:.{digits}f}", f"{found:.{digits}f}" == f"{known:.{digits}f}")


def told(name: str, figure: str) -> Bar:
    """Returns a figure of which nothing is asked."""
    return Bar(name, "", figure)


if __name__ == "__main__":
    sys.exit(main())
