"""The confidence interval of a mean, by resampling. Pure, and deterministic.

The percentile bootstrap: the means of many samples of the same size, drawn with replacement, and the middle 95 % of these means.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["LEVEL", "bootstrap_interval"]

LEVEL = 0.95
RESAMPLES = 10_000
AT_ONCE = 2_000_000
"""The maximum number of values drawn at once: 16 MB."""


def bootstrap_interval(
    values: Sequence[float], *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float] | None:
    """Return the bounds for the mean of other rows like these; None for fewer than two rows.

    Args:
        values: one value for each row.
        level: the share of the means between the bounds.
        resamples: the number of samples.
        seed: the seed of the random numbers; equal seeds give equal bounds.
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
