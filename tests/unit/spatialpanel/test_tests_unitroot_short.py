"""Unit roots in few periods: moments of the slope under walks, level, power, what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from shuyi.errors import ConfigError, DataError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel.diagnostics import cips, harris_tzavalis, unit_root_results
from shuyi.spatialpanel.montecarlo.simulate import autoregressive

PANELS = 400


@pytest.mark.parametrize("effects", ["individual", "twoways"])
def test_moments_under_walks(effects):
    """The mean of z is zero and its variance one up to the simulation error and terms of order 1/n."""
    rng = np.random.default_rng(1)
    walks = rng.standard_normal((PANELS, 9, 200)).cumsum(axis=1)
    z = np.array([harris_tzavalis(w, effects=effects).statistic for w in walks])
    assert abs(z.mean()) < 4 / np.sqrt(PANELS)
    assert abs(z.std() - 1) < 4 / np.sqrt(2 * PANELS)


def test_slope_by_hand():
    y = np.random.default_rng(2).standard_normal((6, 5))
    before, after = y[:-1] - y[:-1].mean(axis=0), y[1:] - y[1:].mean(axis=0)
    slope = (before * after).sum() / (before**2).sum()
    T, n = 5, 5
    variance = 3 * (17 * T**2 - 20 * T + 17) / (5 * (T - 1) * (T + 1) ** 3)
    z = np.sqrt(n / variance) * (slope - 1 + 3 / (T + 1))
    found = harris_tzavalis(y, effects="individual")
    assert_allclose(found.statistic, z)
    assert (found.p_value < 0.5) == (z < 0)


def test_results_of_several_series():
    rng = np.random.default_rng(3)
    series = {
        "walk": rng.standard_normal((9, 31)).cumsum(axis=0),
        "white": rng.standard_normal((9, 31)),
    }
    walk, white = unit_root_results(series, draws=199, seed=1)
    assert walk.verdict == "unit_root_not_rejected"
    assert white.harris_tzavalis_p == 1 / 200
    assert white.power_harris_tzavalis[0] > 0.95 > 0.5 > white.power_cips[0]
    panel = Panel(series["walk"][..., None], tuple(map(str, range(31))), tuple(range(9)), ("walk",))
    own = cips(panel, "walk", simulations=199, seed=1)
    assert_allclose([walk.cips, walk.cips_p], [own.statistic, own.p_simulated])


def test_cips_is_left_out_of_seven_periods():
    series = {"white": np.random.default_rng(4).standard_normal((7, 20))}
    found = unit_root_results(series, draws=99, seed=1)[0]
    assert np.isnan(found.cips)
    assert found.verdict == "stationary"


def test_what_is_refused():
    y = autoregressive(np.random.default_rng(5).standard_normal((9, 10)), 0.5)
    with pytest.raises(ConfigError, match="effects structure"):
        harris_tzavalis(y, effects="time")
    with pytest.raises(DataError, match="finite values"):
        harris_tzavalis(y[:3])
    with pytest.raises(IdentificationError, match="varies within units"):
        harris_tzavalis(np.zeros((9, 10)))
    with pytest.raises(ConfigError, match="need series"):
        unit_root_results({}, seed=1)
    with pytest.raises(DataError, match="one panel"):
        unit_root_results({"a": y, "b": y[1:]}, draws=9, seed=1)
