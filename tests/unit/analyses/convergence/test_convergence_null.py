"""Beta convergence beside random walks: the estimator, its null distribution, level and what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from shuyi.analyses.convergence.convergence import panel_beta, spatial_beta
from shuyi.analyses.convergence.convergence_null import (
    TRUTHS,
    Walks,
    beta_null,
    beta_null_frame,
    draw_levels,
    invert,
    within_slopes,
)
from shuyi.errors import ConfigError, DataError
from shuyi.panel import Panel
from shuyi.spatialpanel.montecarlo import lattice
from shuyi.spatialpanel.montecarlo.simulate import autoregressive

N, T = 31, 9
SEARCH = 1e-6
"""Two searches of rho that stop where the likelihood is flat to rounding."""


def panel_of(levels, k=2, seed=0, labels=None):
    rng = np.random.default_rng(seed)
    periods, n = levels.shape
    x = np.moveaxis(autoregressive(rng.standard_normal((k, periods, n)), 0.9), 0, -1)
    values = np.concatenate([levels[..., None], x], axis=2)
    units = labels or tuple(f"u{i:02d}" for i in range(n))
    return Panel(values, units, tuple(range(2016, 2016 + periods)), ("z", "x1", "x2")[: k + 1])


def walks(seed, n=N):
    return np.random.default_rng(seed).standard_normal((T, n)).cumsum(axis=0)


def test_estimate_is_that_of_the_panel_regression():
    panel = panel_of(walks(1))
    found = beta_null(panel, "z", controls=("x1", "x2"), scale="log", draws=9, seed=1)
    textbook = panel_beta(panel, "z", controls=("x1", "x2"), scale="log").rows[0]
    assert_allclose(found.estimate, textbook.b)
    assert textbook.p_value < 0.01
    assert found.p_value > 0.05


@pytest.mark.parametrize("model", ["sar", "sem", "sdm"])
def test_spatial_estimates_are_those_of_the_spatial_regression(model):
    weights = lattice(4)
    panel = panel_of(walks(2, 16), k=1, labels=weights.labels)
    options = {"controls": ("x1",), "scale": "log"}
    found = beta_null(panel, "z", model=model, weights=weights, draws=9, seed=1, **options)
    textbook = spatial_beta(panel, "z", weights, models=(model,), **options).rows[0]
    assert_allclose(found.estimate, textbook.estimate, rtol=SEARCH)
    assert found.null_mean < -0.2


def test_walks_without_convergence_look_like_convergence_to_least_squares():
    """With 31 units and eight years of growth b is about -.35 on average."""
    levels = draw_levels(np.random.default_rng(3), (500, T - 1, N), 0.0)
    slopes = within_slopes(np.diff(levels, axis=1), levels[:, :-1], np.zeros((T - 1, N, 0)), "twoways")
    assert_allclose(slopes.mean(), -0.34, atol=0.02)


def test_level_of_the_test_against_walks():
    rejected = [
        beta_null(
            panel_of(walks(10 + r)), "z", controls=("x1", "x2"), scale="log", draws=19, seed=900 + r
        ).p_value
        <= 0.05
        for r in range(40)
    ]
    assert sum(rejected) <= 7


def test_the_correction_finds_the_true_coefficient():
    levels = draw_levels(np.random.default_rng(4), (1, T - 1, 400), -0.3)[0]
    found = beta_null(panel_of(levels, k=0), "z", scale="log", growth_ar=0.0, draws=99, seed=1)
    assert abs(found.corrected + 0.3) < 0.06
    assert found.corrected_low < -0.3 < found.corrected_high
    assert found.p_value == 1 / 100


def test_inversion_stops_at_the_ends():
    sample = np.tile(TRUTHS[:, None] - 0.3, (1, 5)) + np.linspace(-0.1, 0.1, 5)
    assert invert(0.5, sample) == (0.0, 0.0, 0.0)
    assert invert(-2.0, sample) == (-1.0, -1.0, -1.0)
    middle, low, high = invert(-0.55, sample)
    assert_allclose(middle, -0.25, atol=1e-12)
    assert low < middle < high


def test_drawn_growth_has_the_autocorrelation_asked_for():
    levels = draw_levels(np.random.default_rng(5), (50, 40, 20), 0.0, Walks(0.5))
    growth = np.diff(levels, axis=1)
    found = (growth[:, 1:] * growth[:, :-1]).mean() / (growth**2).mean()
    assert_allclose(found, 0.5, atol=0.03)


def test_frame_of_two_models():
    weights = lattice(4)
    logs = panel_of(walks(7, 16), k=1, labels=weights.labels)
    panel = logs.with_variables({"z": np.exp(logs["z"])})
    kinds = {"absolute": ("time", ()), "conditional": ("twoways", ("x1",))}
    found = beta_null_frame(panel, ["z"], weights, kinds=kinds, models=["sar"], draws=9, seed=1)
    assert found[["kind", "model", "basis", "controls"]].to_numpy().tolist() == [
        [kind, model, basis, controls]
        for kind, controls in (("absolute", ""), ("conditional", "x1"))
        for model, basis in (("ols", "coefficient"), ("sar", "coefficient"), ("sar", "total"))
    ]
    own = beta_null(panel, "z", controls=["x1"], weights=weights, draws=9, seed=1)
    assert found["corrected"].iloc[3] == own.corrected
    assert found["corrected"].notna().tolist() == [False, False, False, True, False, False]
    few = beta_null_frame(panel, ["z"], weights, kinds=kinds, models=["sar"], span=4, draws=9, seed=1)
    assert few.empty and "p_value" in few


def test_without_effects_of_units_walks_keep_their_first_levels():
    first = np.linspace(0, 5, N)
    levels = draw_levels(np.random.default_rng(3), (40, 8, N), 0.0, Walks(start=first))
    assert_allclose(levels[:, 0], np.broadcast_to(first, (40, N)))
    panel = panel_of(walks(9) * 0.1 + first)
    found = beta_null(panel, "z", scale="log", effects="time", corrects=False, draws=199, seed=1)
    assert abs(found.null_mean) < 0.005 and found.null_sd < 0.02
    assert np.isnan(found.corrected)


def test_p_values_are_uniform_over_walks_with_either_effects():
    for effects in ("time", "twoways"):
        p = [
            beta_null(
                panel_of(walks(100 + r)), "z", scale="log", effects=effects, corrects=False, draws=49, seed=r
            ).p_value
            for r in range(60)
        ]
        assert abs(np.mean(p) - 0.5) < 4 * np.sqrt(1 / 12 / 60)
        assert np.mean(np.array(p) <= 0.1) < 0.1 + 4 * np.sqrt(0.09 / 60)


def test_what_is_refused():
    panel = panel_of(walks(6))
    with pytest.raises(ConfigError, match="needs weights"):
        beta_null(panel, "z", scale="log", model="sar", seed=1)
    with pytest.raises(ConfigError, match="draws = 0"):
        beta_null(panel, "z", scale="log", draws=0, seed=1)
    with pytest.raises(ConfigError, match="effects structure"):
        beta_null(panel, "z", scale="log", effects="pooled", seed=1)
    with pytest.raises(DataError, match="Too few intervals"):
        beta_null(panel, "z", scale="log", span=4, seed=1)
