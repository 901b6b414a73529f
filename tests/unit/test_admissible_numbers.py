"""No NaN, no infinity and no order of columns where a number or an error belongs."""

import itertools

import numpy as np
import pytest

from shuyi import indices
from shuyi.analyses.inequality.decomposition import MEASURES, dagum, dispersion, theil
from shuyi.errors import DataError
from shuyi.panel import Panel
from shuyi.regions import Grouping

ZEROS = np.array([0, 5, 10, 2, 0, 7.0])
# n ln(n) by hand: shares y / mean y, 0 ln 0 = 0.
EXPECTED = 0.533735


def panel_of(values):
    return Panel(np.array(values)[None, :, None], tuple("abcdef"), (2020,), ("y",))


@pytest.mark.parametrize("unit", [1e-300, 1e-20, 1.0, 1e12, 1e15, 1e300])
def test_theil_does_not_depend_on_the_unit_of_measurement(unit):
    panel = panel_of(ZEROS * unit)
    t = theil(panel, "y", Grouping("two", panel.units, tuple("AAABBB")))
    assert t.total[0] == pytest.approx(EXPECTED, abs=5e-7)
    assert t.between[0] + t.within[0] == pytest.approx(t.total[0])
    assert t.units_frame().contribution.sum() == pytest.approx(t.total[0])
    assert dispersion(panel, ["y"], measures=["theil"]).rows[0].value == pytest.approx(EXPECTED, abs=5e-7)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("unit", [1e-300, 1e-150, 1e150, 1e306])
def test_no_measure_of_inequality_depends_on_the_unit(measure, unit):
    y = np.array([1, 5, 10, 2, 3, 7.0])
    one, other = (dispersion(panel_of(v), ["y"], measures=[measure]).rows[0].value for v in (y, y * unit))
    assert other == pytest.approx(one)
    gini = [
        float(dagum(panel_of(v), "y", Grouping("g", tuple("abcdef"), tuple("AAABBB"))).gini[0])
        for v in (y, y * unit)
    ]
    assert gini[0] == pytest.approx(gini[1])


GOOD = np.array([[0, 0.5], [1, 0.2], [0.3, 1], [0.6, 0]])
METHODS = {
    "entropy": indices.entropy_weights,
    "critic": indices.critic_weights,
    "pca": lambda m: indices.pca_weights(m)[0],
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_columns_that_are_empty_or_infinite_are_refused(method, wrong):
    matrix = GOOD.copy()
    matrix[1, 1] = wrong
    with pytest.raises(DataError, match=r"number.* 2"):
        METHODS[method](matrix)


def test_columns_that_do_not_vary_are_refused_or_weigh_nothing():
    still = np.column_stack([GOOD, np.full(4, 0.5)])
    assert indices.entropy_weights(still)[2] == pytest.approx(0, abs=1e-15)
    for method in ("critic", "pca"):
        with pytest.raises(DataError, match="3"):
            METHODS[method](still)
    for nothing in (np.zeros((4, 2)), np.ones((4, 2))):
        for method in METHODS.values():
            with pytest.raises(DataError):
                method(nothing)


@pytest.mark.parametrize("matrix", [GOOD - 0.1, np.column_stack([GOOD, np.zeros(4)]), GOOD[:1], GOOD[:, 0]])
def test_entropy_of_inadmissible_columns_is_refused(matrix):
    with pytest.raises(DataError):
        indices.entropy_weights(matrix)


def test_critic_weights_are_those_of_columns_in_the_unit_interval():
    with pytest.raises(DataError, match="number 1 above one"):
        indices.critic_weights(GOOD * [10, 1])


def four_that_agree():
    rng = np.random.default_rng(0)
    f = rng.normal(size=200)
    odd = rng.normal(size=200) - 0.12 * f
    columns = np.column_stack([odd, *(f + 0.4 * rng.normal(size=200) for _ in range(4))])
    return (columns - columns.min(axis=0)) / np.ptp(columns, axis=0)


def test_principal_components_do_not_depend_on_the_order_of_columns():
    columns = four_that_agree()
    weights = indices.pca_weights(columns)[0]
    for order in itertools.permutations(range(5)):
        np.testing.assert_allclose(
            indices.pca_weights(columns[:, order])[0], weights[list(order)], atol=1e-12
        )
    index = columns @ weights
    assert all(np.corrcoef(index, columns[:, j])[0, 1] > 0.5 for j in range(1, 5))


def test_components_without_a_direction_are_refused():
    x, noise = np.random.default_rng(1).normal(size=(2, 100))
    against = np.column_stack([x + 0.1 * noise, -x + 0.1 * noise])
    against = (against - against.min(axis=0)) / np.ptp(against, axis=0)
    with pytest.raises(DataError, match="not determined"):
        indices.pca_weights(against)
