"""Autocorrelation against R's spdep (recorded) and against esda's own permutations."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from esda.moran import Moran, Moran_Local
from numpy.testing import assert_allclose
from peer_data import HERE, golden

from shuyi import esda
from shuyi.panel import Panel
from shuyi.weights import Weights

CLOSE = 1e-10
"""Relative; both sides are closed forms in double precision."""
PSEUDO_P = 0.02
"""Two independent samples of 9,999 permutations: at most four standard errors of a two-sided p-value."""
LOCAL_P = 0.035
"""Of a two-sided p-value from 9,999 permutations: three and a half standard errors at most."""
YEARS = (1929, 1969, 2009)


@pytest.fixture(scope="module")
def income() -> Panel:
    frame = pd.read_csv(HERE / "data" / "income.csv", index_col="unit")
    return Panel(frame.to_numpy(float).T[:, :, None].copy(), tuple(frame.index), YEARS, ("income",))


@pytest.fixture(scope="module")
def binary(income) -> Weights:
    pairs = pd.read_csv(HERE / "data" / "contiguity_produc.csv", dtype=str)
    units = list(income.units)
    return Weights.from_frame(pd.crosstab(pairs["unit"], pairs["neighbour"]).loc[units, units])


@pytest.fixture(scope="module")
def rows(binary) -> Weights:
    return binary.normalise("row")


def peer(statistic: str, year: int) -> dict:
    return golden("spdep_income")["years"][str(year)][statistic]


@pytest.mark.parametrize("year", YEARS)
def test_moran_under_randomisation_and_normality(income, rows, year):
    (own,) = esda.moran(income, rows, ["income"], periods=[year], permutations=0, seed=1).rows
    random, normal = peer("moran", year), peer("moran_normality", year)
    assert_allclose(
        [own.value, own.expected, own.variance_random, own.z_random, own.p_random],
        [random[k] for k in ("I", "expectation", "variance", "z", "p_value")],
        rtol=CLOSE,
    )
    assert_allclose(
        [own.variance_normal, own.z_normal, own.p_normal],
        [normal[k] for k in ("variance", "z", "p_value")],
        rtol=CLOSE,
    )


@pytest.mark.parametrize("year", YEARS)
def test_moran_of_binary_weights(income, binary, year):
    (own,) = esda.moran(income, binary, ["income"], periods=[year], permutations=0, seed=1).rows
    found = peer("moran_binary", year)
    assert_allclose(
        [own.value, own.variance_random, own.p_random],
        [found[k] for k in ("I", "variance", "p_value")],
        rtol=CLOSE,
    )


@pytest.mark.parametrize("year", YEARS)
def test_geary_whose_z_spdep_prints_with_the_other_sign(income, rows, year):
    (own,) = esda.geary(income, rows, ["income"], periods=[year], permutations=0, seed=1).rows
    found = peer("geary", year)
    assert_allclose(
        [own.value, own.expected, own.variance_random, -own.z_random, own.p_random],
        [found[k] for k in ("I", "expectation", "variance", "z", "p_value")],
        rtol=CLOSE,
    )


@pytest.mark.parametrize("year", YEARS)
def test_general_g(income, binary, year):
    (own,) = esda.getis_ord_g(income, binary, ["income"], periods=[year], permutations=0, seed=1).rows
    found = peer("getis_ord_g", year)
    assert_allclose(
        [own.value, own.expected, own.variance_random, own.z_random, own.p_random],
        [found[k] for k in ("I", "expectation", "variance", "z", "p_value")],
        rtol=1e-8,
    )


@pytest.mark.parametrize("year", YEARS)
def test_local_moran_which_spdep_scales_by_n_over_n_minus_one_and_cuts_at_the_mean_lag(income, rows, year):
    own = esda.local_moran(income, rows, "income", year, permutations=1, seed=1)
    found = peer("local_conditional", year)
    scale = (income.n - 1) / income.n
    assert_allclose(own.value, scale * np.array(found["I"]), rtol=CLOSE)
    assert_allclose(own.expected, scale * np.array(found["expectation"]), rtol=CLOSE)
    assert_allclose(own.variance, scale**2 * np.array(found["variance"]), rtol=CLOSE)
    names = {"High-High": "HH", "Low-High": "LH", "Low-Low": "LL", "High-Low": "HL"}
    peer_cut = esda.quadrants(own.z, own.lag - own.lag.mean())
    assert list(peer_cut) == [names[q] for q in found["quadrant"]]


def test_bivariate_moran(income, rows):
    wide = Panel(income.values.transpose(2, 1, 0).copy(), income.units, (2000,), ("a", "b", "c"))
    (own,) = esda.bivariate_moran(wide, rows, [("a", "c")], permutations=0, seed=1).rows
    assert_allclose(own.value, golden("spdep_income")["bivariate"]["I"], rtol=CLOSE)


@pytest.fixture
def numpy_seed():
    state = np.random.get_state()  # noqa: NPY002 - esda draws from the global generator
    np.random.seed(7)  # noqa: NPY002
    yield
    np.random.set_state(state)  # noqa: NPY002


@pytest.mark.usefixtures("numpy_seed")
def test_permutation_p_of_moran_is_twice_the_pseudo_p_of_esda(binary):
    values = np.random.default_rng(2).gamma(2.0, size=(1, binary.n, 4))
    panel = Panel(values, binary.labels, (2000,), ("a", "b", "c", "d"))
    for row in esda.moran(panel, binary, panel.variables, seed=3).rows:
        w = binary.to_graph().to_W()
        found = Moran(panel[row.variable][0], w, transformation="O", permutations=9999)
        assert abs(row.p_permuted - min(1.0, 2 * found.p_sim)) < PSEUDO_P
        assert_allclose(row.variance_permuted, found.VI_sim, rtol=0.08)


def test_local_moran_is_that_of_esda(income, rows):
    own = esda.local_moran(income, rows, "income", 2009, permutations=1, seed=3)
    found = Moran_Local(income["income"][2], rows.to_graph().to_W(), transformation="O", permutations=0)
    assert_allclose(own.value, found.Is, rtol=CLOSE)
    assert_allclose(own.lag, rows.lag(found.z[None])[0], rtol=CLOSE)


def test_local_p_values_equal_those_of_all_choices_of_neighbours(income, rows):
    """A tie counts in both tails; the pseudo p of esda leaves ties out of the lower one."""
    own = esda.local_moran(income, rows, "income", 2009, seed=3)
    y = income["income"][2]
    few = np.flatnonzero(rows.cardinalities <= 3)
    assert len(few) > 10
    for i in few:
        near = np.flatnonzero(rows.to_dense()[i])
        sums = np.array(list(combinations(np.delete(y, i), len(near)))).sum(axis=1)
        observed = y[near].sum()
        exact = 2 * min((sums >= observed).mean(), (sums <= observed).mean())
        assert abs(own.p[i] - min(1.0, exact)) < LOCAL_P
