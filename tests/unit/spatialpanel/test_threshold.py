"""Thresholds: brute force, known values, Hansen's critical values, level of the tests, refusals."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from spatial_cases import labels, make_weights

from shuyi.errors import ConfigError, DataError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel import SDM
from shuyi.spatialpanel.threshold import (
    candidates,
    critical_value,
    fit_spatial_threshold,
    fit_thresholds,
)

T, N = 8, 30


def case(seed=11, low=0.2, middle=0.8, high=1.6, noise=1.0):
    rng = np.random.default_rng(seed)
    x, q, z, e = rng.standard_normal((4, T, N))
    slope = np.where(q <= -0.3, low, np.where(q <= 0.6, middle, high))
    y = rng.standard_normal(N) + rng.standard_normal((T, 1)) + x * slope + 0.5 * z + noise * e
    return y, x, q, z[..., None]


def squares_with_dummies(y, x, q, z, thresholds, effects):
    """Return the sum of squares of the regression with dummies at given thresholds."""
    edges = [-np.inf, *sorted(thresholds), np.inf]
    unit, period = np.tile(np.arange(N), T), np.repeat(np.arange(T), N)
    columns = [(x * ((q > a) & (q <= b))).ravel() for a, b in pairwise(edges)]
    columns += [z[..., 0].ravel(), *(unit == i for i in range(N))]
    if effects == "twoways":
        columns += [period == t for t in range(1, T)]
    a = np.column_stack(columns).astype(float)
    rest = y.ravel() - a @ np.linalg.lstsq(a, y.ravel(), rcond=None)[0]
    return float(rest @ rest)


@pytest.mark.parametrize("effects", ["individual", "twoways"])
def test_the_threshold_minimises_the_squares_of_the_regression_with_dummies(effects):
    data = case()
    (found,) = fit_thresholds(*data, effects=effects, draws=9)
    squares = np.array([squares_with_dummies(*data, [g], effects) for g in found.grid])
    assert found.value == found.grid[squares.argmin()]
    scale = N * (T - 1)
    assert_allclose(found.criterion, scale * (squares - squares.min()) / squares.min(), rtol=1e-8, atol=1e-8)
    none = squares_with_dummies(*data, [], effects)
    assert_allclose(found.statistic, scale * (none - squares.min()) / squares.min(), rtol=1e-8)


def test_two_known_thresholds_are_found_and_a_third_is_not():
    found = fit_thresholds(*case(low=-1.0, middle=0.8, high=2.6, noise=0.3), count=3, draws=99)
    assert_allclose(sorted(f.value for f in found[:2]), [-0.3, 0.6], atol=0.05)
    assert found[0].p_value == found[1].p_value == 0.01 < 0.05 < found[2].p_value
    assert all(f.low <= f.value <= f.high for f in found[:2])


N_OTHER = 60


def test_thresholds_are_those_of_another_package():
    # pyxthreg 0.0.3 (MIT), trim .1, every value; its F divides by N T - T = 472, ours by N (T - 1) = 420.
    rng = np.random.default_rng(11)
    x, q, z, e = rng.standard_normal((4, T, N_OTHER))
    mu, xi = rng.standard_normal(N_OTHER), rng.standard_normal((T, 1))
    slope = np.where(q <= -0.3, 0.2, np.where(q <= 0.6, 0.8, 1.6))
    y = mu + xi + x * slope + 0.5 * z + e
    found = fit_thresholds(y, x, q, z[..., None], count=2, draws=9)
    assert_allclose([f.value for f in found], [0.56389694, -0.25788041], atol=1e-7)
    assert_allclose((found[0].low, found[0].high), (0.48753573210350665, 0.6783599277889846), atol=1e-9)
    assert_allclose(found[0].statistic * 472 / 420, 59.36426321894989, rtol=1e-8)


def test_the_interval_holds_every_value_within_the_bound():
    (found,) = fit_thresholds(*case(), draws=9)
    inside = found.grid[found.criterion <= critical_value(0.95)]
    assert (found.low, found.high) == (inside.min(), inside.max())


def test_critical_values_are_those_that_hansen_prints():
    # Hansen (1999, section 4.2): 5.94, 7.35 and 10.59 at 10, 5 and 1 %.
    assert [round(critical_value(a), 2) for a in (0.9, 0.95, 0.99)] == [5.94, 7.35, 10.59]


def test_the_bootstrap_keeps_its_level_with_serial_correlation():
    rng, rejected, rounds = np.random.default_rng(3), 0, 100
    q = np.tile(rng.standard_normal(N), (T, 1))
    for _ in range(rounds):
        x, e = rng.standard_normal((2, T, N)).cumsum(axis=0)
        rejected += fit_thresholds(x + e, x, q, None, draws=39, seed=1)[0].p_value <= 0.05
    # Four binomial errors of 100 rounds at 5 %; residuals of whole units are drawn, which costs little level.
    assert rejected / rounds < 0.05 + 4 * np.sqrt(0.05 * 0.95 / rounds)


def spatial_case(gap, seed=2):
    weights = make_weights("row", N)
    rng = np.random.default_rng(seed)
    x, e = rng.standard_normal((2, T, N))
    q = np.tile(rng.permutation(N) / N, (T, 1))
    w = weights.to_dense()
    slope = np.where(q <= 0.5, 1.0, 1.0 + gap)
    mean = slope * x + slope * (x @ w.T) * 0.5 + rng.standard_normal(N) + 0.4 * e
    y = np.linalg.solve(np.eye(N) - 0.3 * w, mean.T).T
    values = np.stack([y, x], axis=2)
    return Panel(values, labels(N), tuple(range(T)), ("y", "x1")), weights, q


def spatial(gap, **options):
    panel, weights, q = spatial_case(gap)
    given = {"outcome": "y", "regressors": ["x1"], "term": "x1", "q": q, "draws": 59}
    return fit_spatial_threshold(panel, weights, **{**given, **options})


def test_a_spatial_threshold_is_found_and_its_ratio_is_that_of_two_fits():
    found = spatial(1.0)
    assert abs(found.value - 0.5) < 1e-9 and found.p_value < 0.05 and not found.at_edge
    panel, weights, q = spatial_case(1.0)
    below, lag = q <= found.value, weights.lag(panel["x1"])
    names = ["a", "b", "c", "d"]
    columns = (panel["x1"] * below, panel["x1"] * ~below, lag * below, lag * ~below)
    from shuyi.spatialpanel import SAR

    wide = panel.with_variables(dict(zip(names, columns, strict=True)))
    one = SAR(wide, weights, outcome="y", regressors=names, effects="twoways").fit("lee_yu").loglik
    none = SDM(panel, weights, outcome="y", regressors=["x1"], effects="twoways").fit("lee_yu").loglik
    assert_allclose(found.statistic, 2 * (one - none), rtol=1e-8)


def test_no_spatial_threshold_is_found_where_there_is_none():
    assert spatial(0.0).p_value > 0.05


def test_values_at_the_trim_leave_each_regime_its_share():
    q = np.tile(np.arange(20.0), (3, 1))
    found = candidates(q, trim=0.25)
    assert found[0] == 4 and found[-1] == 14
    with pytest.raises(IdentificationError, match="enough units"):
        candidates(np.tile(np.arange(4.0), (3, 1)))
    with pytest.raises(ConfigError, match="trim"):
        candidates(q, trim=0.6)


def test_refusals():
    y, x, q, z = case()
    with pytest.raises(ConfigError, match="Too many"):
        fit_thresholds(y, x, q, z, count=4)
    with pytest.raises(DataError, match="do not fit"):
        fit_thresholds(y, x[1:], q, z)
    with pytest.raises(DataError, match="do not fit"):
        spatial(0.0, term="x2")
