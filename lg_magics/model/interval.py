"""The interval of a mean, by resampling: what is true of other rows of the same kind. Pure, and the same each time.

The percentile bootstrap: the mean of many samples of the same size, drawn with replacement, and the middle 95 % of these means.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["LEVEL", "bootstrap_interval"]

LEVEL = 0.95
RESAMPLES = 10_000
AT_ONCE = 2_000_000
"""How many numbers are drawn at once: 16 MB."""


def bootstrap_interval(
    values: Sequence[float], *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float] | None:
    """The bounds between which the mean of other rows like these lies; None for fewer than two rows.

    Args:
        values: one for each row.
        level: how much of the means lies between them.
        resamples: how often the rows are drawn.
        seed: of the random numbers; the same seed gives the same bounds.
    """
    import numpy as np

    if len(values) < 2:
        return None
    rows = np.asarray(values, dtype=float)
    chance = np.random.default_rng(seed)
    at_once = max(1, AT_ONCE // len(rows))
    means: list[float] = []
    while len(means) < resamples:
        drawn = chance.integers(0, len(rows), (min(at_once, resamples - len(means)), len(rows)))
        means.extend(rows[drawn].mean(axis=1))
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)
