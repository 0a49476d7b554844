"""By which channel, and at what hour, a customer most probably answers; or that there is too little to say."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from features.arrays import Floats, Ints
from features.messages import Messages

FEWEST, CHANNELS = 3, 2
"""Messages a channel, and channels with so many, below which nothing is said of a customer."""

FEWEST_AN_HOUR = 30
"""Messages to anybody at an hour of the day, below which it is not proposed."""

HOURS = 24
NOTHING = -1
RAREST = 1e-6
STRENGTHS = 2.0 ** np.arange(-1, 13)


@dataclass(frozen=True, eq=False)
class Contact:
    """The best next channel and hour of each customer.

    Parameters
    ----------
    channel
        Its place among the channels, NOTHING where there is too little to say; shape (customers,).
    chance
        The probability of an answer by each channel, shape (customers, channels).
    hour
        Of the day, NOTHING where there is too little to say; shape (customers,).
    """

    channel: Ints
    chance: Floats
    hour: Ints


def best_contact(sent: Messages, customers: int) -> Contact:
    """Returns the best channel and hour of each of so many customers.

    Chances are those of a beta-binomial model: what a customer did, and, the less that is, what all do.
    """
    if len(sent.customer) == 0:
        return Contact(np.full(customers, NOTHING), np.zeros((customers, 0)), np.full(customers, NOTHING))
    counts, answers = _counts(sent, sent.channel.astype(np.int64), len(sent.channels), customers)
    chance = np.column_stack([posterior(counts[:, each], answers[:, each]) for each in range(len(sent.channels))])
    is_known = (counts >= FEWEST).sum(axis=1) >= CHANNELS
    best = np.where(counts >= FEWEST, chance, -1.0).argmax(axis=1)
    return Contact(np.where(is_known, best, NOTHING), chance, np.where(is_known, _best_hour(sent, customers), NOTHING))


def posterior(counts: Ints, answers: Ints) -> Floats:
    """Returns each customer's chance of an answer, shape (customers,).

    The prior's mean is the share of all answers; of some strengths, in messages, it has the most probable one.
    """
    mean = (answers.sum() + 0.5) / (counts.sum() + 1.0)
    strength = prior_strength(counts, answers, mean)
    chance: Floats = (answers + strength * mean) / (counts + strength)
    return chance


def prior_strength(counts: Ints, answers: Ints, mean: Floats | float) -> float:
    """Returns how many messages the prior counts as: many where customers are as expected, few where they differ.

    Parameters
    ----------
    counts, answers, mean
        Messages, answers and the expected share of them: one for all, or each of the same shape.
    """
    sent = counts > 0
    seen, said, share = counts[sent], answers[sent], np.broadcast_to(mean, counts.shape)[sent]
    likelihoods = []
    for strength in STRENGTHS:
        yes, no = strength * share, strength * (1.0 - share)
        likelihoods.append((betaln(said + yes, seen - said + no) - betaln(yes, no)).sum())
    return float(STRENGTHS[int(np.argmax(likelihoods))])


def _best_hour(sent: Messages, customers: int) -> Ints:
    counts, answers = _counts(sent, sent.hour, HOURS, customers)
    common = counts.sum(axis=0) >= FEWEST_AN_HOUR
    if common.sum() < CHANNELS:
        return np.full(customers, NOTHING)
    mean = (answers.sum() + 0.5) / (counts.sum() + 1.0)
    of_all = prior_strength(counts.sum(axis=0), answers.sum(axis=0), mean)
    by_hour = (answers.sum(axis=0) + of_all * mean) / (counts.sum(axis=0) + of_all)
    level = posterior(counts.sum(axis=1), answers.sum(axis=1)) / mean  # who answers much does so at hours never tried
    usual = np.clip(np.outer(level, by_hour), RAREST, 1.0 - RAREST)
    own = prior_strength(counts, answers, usual)
    chance = (answers + own * usual) / (counts + own)
    best: Ints = np.where(common, chance, -1.0).argmax(axis=1)
    return best


def _counts(sent: Messages, place: Ints, places: int, customers: int) -> tuple[Ints, Ints]:
    """Returns how many messages went to each customer and place, and how many were answered."""
    cell = sent.customer * places + place
    shape = (customers, places)
    counts = np.bincount(cell, minlength=customers * places).reshape(shape)
    return counts, np.bincount(cell[sent.is_answered], minlength=customers * places).reshape(shape)
