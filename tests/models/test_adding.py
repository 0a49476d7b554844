import numpy as np

from models.adding import bar, bar_and_follow, follow, spend

EDGES = np.array([0.0, 1.0, 3.0])


def forecast_of(rows: int, causes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.empty((rows, 2)), np.empty((rows, 2, causes)), np.empty((2, rows))


def test_both_in_one_call_have_the_bits_of_one_after_the_other() -> None:
    hazards = np.random.default_rng(0).dirichlet(np.ones(4), size=(20, 2))
    cause = np.arange(20, dtype=np.int64) % 4 - 1
    apart, together = forecast_of(20, 3), forecast_of(20, 3)
    barred = hazards.copy()
    bar(barred, cause)
    follow(barred, EDGES, *apart)
    bar_and_follow(hazards, cause, EDGES, *together)
    for one, other in zip(apart, together, strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_longer_horizon_never_holds_less() -> None:
    scatter = np.array([1.1, 0.9]), np.array([[0.5, 1.0, 2.0], [0.1, 0.2, 0.3]])
    figures = np.empty((3, 1, 2))
    spend(np.array([[20.0, 20.0]]), np.array([[0.99, 0.99]]), scatter, np.array([0.05, 0.95]), figures)
    assert (figures[:, 0, 1] == figures[:, 0, 0]).all()
    assert figures[0, 0, 0] == 0.99 * (20.0 * 1.1 - 1.0)
