"""Google Analytics 4: the user-data import that makes audiences of scores."""

import numpy as np
import pandas as pd

from features.errors import ConfigError
from features.ingest import CUSTOMER
from serving.formulas import defused

HEADER = ("client_id", "stream_id", "p_p_prediction", "p_p_decile")
DECILES, LIKELY = 10, 0.5


def user_import(frame: pd.DataFrame, stream_id: str, score: str = "purchase_prob") -> str:
    """Returns the text of the CSV file: for each client whether the score says yes, and its tenth, 1 the highest.

    The tenth is the table's own, or the one among its rows where it has none.

    Parameters
    ----------
    frame
        A score table whose customers are GA4's client ids, or that has them in a column ``client_id``.

    Raises
    ------
    ConfigError
        If the table has no such score.
    """
    if score not in frame.columns:
        raise ConfigError(f"the scores have no column '{score}'; give a score that the model has")
    kept = frame[frame[score].notna()]
    clients = kept["client_id" if "client_id" in kept.columns else CUSTOMER]
    values = kept[score].to_numpy(dtype=np.float64)
    ranked = score.removesuffix("_prob") + "_decile"
    table = pd.DataFrame(
        {
            "client_id": [defused(str(client)) for client in clients],
            "stream_id": stream_id,
            "p_p_prediction": (values >= LIKELY).astype(int),
            "p_p_decile": kept[ranked].to_numpy() if ranked in kept.columns else deciles(values),
        },
        columns=list(HEADER),
    )
    return str(table.to_csv(index=False, lineterminator="\n"))


def deciles(values: np.ndarray) -> np.ndarray:
    """Returns the tenth that each value is in, 1 the highest; tenths differ in size by one at most.

    Examples
    --------
    >>> deciles(np.array([0.1, 0.9, 0.5])).tolist()
    [3, 1, 2]
    """
    order = np.argsort(-values, kind="stable")
    place = np.empty(len(values), dtype=np.int64)
    whole, more = divmod(len(values), DECILES)
    place[order] = np.repeat(np.arange(1, DECILES + 1), [whole + (tenth < more) for tenth in range(DECILES)])
    return place
