"""Traits, one value each, as the table of dated attributes that a log takes."""

import pandas as pd

from features.ingest import CUSTOMER, VALID_FROM


def attribute_table(traits: pd.DataFrame) -> pd.DataFrame:
    """Returns one row per customer and moment at which something changed, each with all that holds from then on.

    Parameters
    ----------
    traits
        Sorted by customer and time: customer_id, valid_from (UTC microseconds), name, text, number. A trait that holds
        numbers in some rows and texts in others becomes texts.

    Examples
    --------
    >>> rows = [("a", 0, "plan", "free", None), ("a", 5, "seats", None, 3.0), ("a", 5, "plan", "pro", None)]
    >>> table = attribute_table(pd.DataFrame(rows, columns=["customer_id", "valid_from", "name", "text", "number"]))
    >>> table.drop(columns="valid_from")
      customer_id  plan  seats
    0           a  free    NaN
    1           a   pro    3.0
    """
    if traits.empty:
        return pd.DataFrame(columns=[CUSTOMER, VALID_FROM])
    mixed = traits.groupby("name")["text"].transform("count") > 0
    value = traits["number"].astype("object").where(~mixed, traits["text"].fillna(_written(traits["number"])))
    long = traits.assign(value=value).drop_duplicates([CUSTOMER, VALID_FROM, "name"], keep="last")
    wide = long.pivot(index=[CUSTOMER, VALID_FROM], columns="name", values="value")
    filled = wide.groupby(level=CUSTOMER).ffill()
    changed = (filled.groupby(level=CUSTOMER).shift().fillna("") != filled.fillna("")).any(axis=1)
    table = filled[changed].reset_index().rename_axis(columns=None)
    texts = set(traits.loc[mixed, "name"])
    for name in table.columns.drop([CUSTOMER, VALID_FROM]):
        table[name] = table[name].astype("str" if name in texts else "float64")
    return table.assign(**{VALID_FROM: pd.to_datetime(table[VALID_FROM], unit="us", utc=True)})


def trait_records(traits: pd.DataFrame) -> tuple[list[tuple[str, int, dict[str, str | float | None]]], dict[str, str]]:
    """Returns traits one by one, (customer, since when, name and value), and whether each name holds texts or numbers.

    Parameters
    ----------
    traits
        As for ``attribute_table``; a name without any value is left out.

    Examples
    --------
    >>> rows = [("a", 0, "plan", "free", None), ("a", 5, "seats", None, 3.0), ("a", 9, "plan", None, None)]
    >>> trait_records(pd.DataFrame(rows, columns=["customer_id", "valid_from", "name", "text", "number"]))[0]
    [('a', 0, {'plan': 'free'}), ('a', 5, {'seats': 3.0}), ('a', 9, {'plan': None})]
    """
    texts, numbers = (set(traits.loc[traits[column].notna(), "name"]) for column in ("text", "number"))
    kinds = {name: "text" if name in texts else "number" for name in sorted(texts | numbers)}
    cells = (traits[name].astype("object").where(traits[name].notna(), None).tolist() for name in traits.columns)
    rows = zip(*cells, strict=True)
    said = [(who, at, name, number if text is None else text) for who, at, name, text, number in rows]
    return [(who, at, {name: value}) for who, at, name, value in said if name in kinds], kinds


def _written(numbers: pd.Series) -> pd.Series:
    return numbers.map(lambda number: None if pd.isna(number) else f"{number:g}").astype("object")
