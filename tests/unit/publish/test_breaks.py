"""Bounds of classes equal those of mapclassify."""

import numpy as np
import pytest

from shuyi.errors import DataError
from shuyi.publish.breaks import equal_breaks, natural_breaks, quantile_breaks

PEERS = {
    "FisherJenks": natural_breaks,
    "Quantiles": quantile_breaks,
    "EqualInterval": equal_breaks,
}
DRAWS = 200


def samples():
    draw = np.random.default_rng(5)
    kinds = (
        lambda n: draw.normal(size=n),
        lambda n: draw.gamma(2.0, 0.1, n),
        lambda n: draw.lognormal(5.0, 2.0, n),
        lambda n: draw.integers(0, 12, n).astype(float),
        lambda n: np.round(draw.normal(100.0, 3.0, n), 1),
    )
    for number in range(DRAWS):
        values, classes = kinds[number % len(kinds)](int(draw.integers(8, 120))), int(draw.integers(2, 8))
        if np.unique(values).size > classes:
            yield values, classes


SINGLE = 1e-6
"""mapclassify sums squares in single precision: of near-equal partitions it may not choose the best."""
ROUNDING = 1e-12


def within(values, bounds):
    """Return the sum of squared deviations within classes that end at the bounds."""
    ascending = np.sort(values)
    parts = np.split(ascending, np.searchsorted(ascending, bounds[:-1], side="right"))
    return sum(float(((part - part.mean()) ** 2).sum()) for part in parts if part.size)


@pytest.mark.filterwarnings("ignore:Not enough unique values")
def test_natural_breaks_are_at_least_as_good_as_those_of_mapclassify():
    import mapclassify

    for values, classes in samples():
        ours, peer = natural_breaks(values, classes), mapclassify.FisherJenks(values, k=classes).bins
        assert within(values, ours) <= within(values, peer) + SINGLE * float(
            ((values - values.mean()) ** 2).sum()
        )


@pytest.mark.parametrize("peer", ["Quantiles", "EqualInterval"])
def test_bounds_equal_those_of_mapclassify(peer):
    import mapclassify

    for values, classes in samples():
        expected = getattr(mapclassify, peer)(values, k=classes).bins
        assert PEERS[peer](values, classes) == pytest.approx(expected, rel=ROUNDING)


def test_natural_breaks_leave_the_values_in_their_order():
    values = np.array([9.3, 1.1, 5.0, 1.0, 9.0, 5.1, 1.2])
    assert natural_breaks(values, 3).tolist() == [1.2, 5.1, 9.3]
    assert values.tolist() == [9.3, 1.1, 5.0, 1.0, 9.0, 5.1, 1.2]


def test_one_class_ends_at_the_maximum():
    values = np.array([2.0, 7.0, 4.0])
    assert [found(values, 1).tolist() for found in PEERS.values()] == [[7.0]] * 3


def test_natural_breaks_of_too_few_distinct_values_are_refused():
    with pytest.raises(DataError, match=r"at least 3 distinct[\s\S]*fewer classes"):
        natural_breaks(np.array([1.0, 1.0, 2.0]), 3)
