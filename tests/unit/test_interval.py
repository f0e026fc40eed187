"""The interval of a mean, beside scipy's."""

from __future__ import annotations

import numpy as np
import pytest

from lg_magics.model.interval import bootstrap_interval

CHANCE = np.random.default_rng(7)
SAMPLES = {
    "normal": CHANCE.normal(0.1, 1, 50),
    "differences of booleans": CHANCE.choice([-1, 0, 1], 200, p=[0.1, 0.6, 0.3]),
    "skewed": CHANCE.exponential(1, 20),
    "few": np.array([0.0, 1.0, 0.5]),
}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_it_is_the_interval_that_scipy_gives(name: str, level: float) -> None:
    from scipy.stats import bootstrap  # it takes each process that imports it a second

    values = SAMPLES[name]
    theirs = bootstrap(
        (values,),
        np.mean,
        confidence_level=level,
        n_resamples=10_000,
        method="percentile",
        rng=np.random.default_rng(3),
    ).confidence_interval
    ours = bootstrap_interval(list(values), level=level)
    assert ours is not None
    width = theirs.high - theirs.low
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.05 * width)


def test_it_is_the_same_each_time_and_another_with_another_seed() -> None:
    values = list(SAMPLES["normal"])
    assert bootstrap_interval(values) == bootstrap_interval(values)
    assert bootstrap_interval(values) != bootstrap_interval(values, seed=1)


def test_there_is_none_of_one_row_and_none_wider_than_a_constant() -> None:
    assert bootstrap_interval([0.5]) is None
    assert bootstrap_interval([]) is None
    assert bootstrap_interval([0.5] * 7) == (0.5, 0.5)


def test_many_rows_are_drawn_in_parts() -> None:
    values = list(CHANCE.normal(0, 1, 30_000))
    found = bootstrap_interval(values, resamples=200)
    assert found is not None
    assert found[0] < np.mean(values) < found[1]
