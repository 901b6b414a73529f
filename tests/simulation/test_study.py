"""The study measures what the model classes print, and a small run of it meets binomial bounds."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from validation_page import DOCUMENTED, documented_bias, documented_coverage, documented_size

from shuyi import files
from shuyi.china.sources import province_sources
from shuyi.errors import ConfigError
from shuyi.panel import Panel
from shuyi.spatialpanel import SAR, SDM, SEM
from shuyi.spatialpanel.diagnostics import likelihood_ratio, lm_tests, wald_sar, wald_sem
from shuyi.spatialpanel.diagnostics.serial import serial_correlation
from shuyi.spatialpanel.effects import Spillover, reference_quantile, simulated_moments
from shuyi.spatialpanel.montecarlo import (
    bias_table,
    coverage_table,
    draw_designs,
    lattice,
    load_settings,
    replicate,
)
from shuyi.spatialpanel.montecarlo.coverage import LEVEL, TERMS, estimate_all, proportion, truth
from shuyi.spatialpanel.montecarlo.size import p_values, size_table, truths

ROOT = Path(__file__).parents[2]
RAW = files.read_yaml(ROOT / "config/validation.yaml")
SCHEMA = files.read_yaml(ROOT / "workflow/schemas/validation.schema.yaml")
SETTINGS = load_settings(RAW, SCHEMA)
BORDERS = files.read_rows(ROOT / "data/snapshot/adjacency.csv")

# The same functions on the same numbers, in another order of additions.
SAME = {"rtol": 1e-9, "atol": 1e-11}
# Standard errors of a binomial share within which it lies: missed once in 30,000.
BINOMIAL = 4.0
REPLICATIONS = 250


def cell(name, **changes):
    return replace(SETTINGS.cell(name), **changes)


@pytest.fixture(scope="module")
def layout():
    return SETTINGS.layout(cell("provinces_T9_rho0.7_iid"), province_sources(BORDERS))


@pytest.fixture(scope="module")
def small(layout):
    few = cell("provinces_T9_rho0.7_iid", replications=3)
    settings = replace(SETTINGS, draws=1000)
    designs = list(draw_designs(few, layout.weights))
    panels = [
        Panel(np.concatenate([d.y[..., None], d.x], 2), d.units, d.periods, ("y", "x")) for d in designs
    ]
    return few, settings, designs, panels


def fitted(panel, layout, correction="lee_yu", model=SDM, kind="information"):
    specified = model(panel, layout.weights, outcome="y", regressors=["x"])
    return specified.fit(correction, kind, covariance_options=layout.options.get(kind))


def test_estimates_and_errors_are_those_of_the_model_classes(small, layout):
    few, settings, _, panels = small
    found = replicate(few, layout, settings)
    for r, panel in enumerate(panels):
        for c, correction in enumerate(settings.corrections):
            for kind in settings.measured[correction]:
                fit = fitted(panel, layout, correction, kind=kind)
                effects = fit.effects(draws=0)
                expected = [*fit.values[:3], *effects.estimate[0, :2]]
                errors = [*fit.standard_errors[:3], *effects.std_error_delta[0, :2]]
                np.testing.assert_allclose(found.estimate[c, r], expected, **SAME)
                v = settings.covariances.index(kind)
                np.testing.assert_allclose(found.std_error[c, v, r], errors, **SAME)


def test_simulated_intervals_are_percentiles_of_the_draws_of_effects(small, layout):
    few, settings, _, panels = small
    found = replicate(few, layout, settings)
    c = settings.corrections.index("lee_yu")
    for r, panel in enumerate(panels):
        for s, kind in enumerate(settings.simulated):
            fit = fitted(panel, layout, kind=kind)
            for i, df in enumerate((np.inf, None)):
                effects = fit.effects(draws=1000, seed=r, df=df)
                level = reference_quantile(LEVEL, effects.df)[1]
                *_, percentiles = simulated_moments(effects.simulated, level)
                np.testing.assert_allclose(found.bounds[c, s, r, i], percentiles[0, :2], **SAME)


def test_p_values_are_those_of_the_tests(small, layout):
    _, settings, designs, panels = small
    for design, panel in zip(designs, panels, strict=True):
        found = p_values(design, layout, settings.simulated)
        whole = fitted(panel, layout)
        restricted = {"sar": fitted(panel, layout, model=SAR), "sem": fitted(panel, layout, model=SEM)}
        expected = {
            (t.test.replace("robust_lm", "lm_robust"), ""): t.p_value for t in lagrange(panel, layout)
        }
        expected |= {(f"lr_{m}", ""): likelihood_ratio(f, whole).p_value for m, f in restricted.items()}
        expected["serial_correlation", ""] = serial_correlation(whole.residual_values).p_value
        for kind in settings.simulated:
            fit = fitted(panel, layout, kind=kind)
            expected |= {("wald_sar", kind): wald_sar(fit).p_value, ("wald_sem", kind): wald_sem(fit).p_value}
        assert set(found) == set(expected)
        for key, value in expected.items():
            assert found[key] == pytest.approx(value, rel=1e-6, abs=1e-12), key


def lagrange(panel, layout):
    found = lm_tests(panel, layout.weights, outcome="y", regressors=["x"], effects="twoways")
    return [t for t in found if t.test != "lm_joint"]


def test_truth_is_the_brute_force_effect(layout):
    w, n = layout.weights.to_dense(), 31
    matrix = np.linalg.solve(np.eye(n) - 0.7 * w, np.eye(n) + 0.5 * w)
    direct = np.trace(matrix) / n
    expected = [1.0, 0.5, 0.7, direct, matrix.sum() / n - direct]
    found = truth(cell("provinces_T9_rho0.7_iid"), Spillover((layout.weights,), (1.0,)))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_uncorrected_intervals_fail_where_corrected_ones_hold(layout):
    few = cell("provinces_T9_rho0.7_iid", replications=REPLICATIONS)
    settings = replace(SETTINGS, measured={"exact": ("information",), "lee_yu": ("information",)})
    found = replicate(few, layout, replace(settings, simulated=("information",)))
    table = coverage_table(found).set_index(["convention", "interval", "term"])["coverage"]
    assert bounds(0.67, table["exact", "delta", "rho"])
    assert bounds(0.71, table["exact", "delta", "indirect"])
    for term in TERMS:
        assert bounds(0.95, table["lee_yu", "delta", term])
    for term in ("direct", "indirect"):
        assert bounds(0.95, table["lee_yu", "simulated_t", term])
    bias = bias_table(found).set_index(["convention", "term"])
    assert bias.loc[("exact", "rho"), "bias"] == pytest.approx(-0.07, abs=0.02)
    assert abs(bias.loc[("lee_yu", "rho"), "bias"]) < 0.025
    assert (bias["refused"] == 0).all()


def bounds(share, found):
    return abs(found - share) < BINOMIAL * np.sqrt(share * (1 - share) / REPLICATIONS)


def test_tests_keep_their_size(layout):
    few = cell("provinces_T9_rho0.4_iid", replications=150)
    settings = replace(SETTINGS, simulated=("information",), test_replications=150)
    table = size_table(few, layout, settings)
    size = table[table["null_true"]]
    assert set(size["test"]) == {"lr_sar", "lr_sem", "wald_sar", "wald_sem", "serial_correlation"}
    assert (np.abs(size["rejection"] - 0.05) < BINOMIAL * np.sqrt(0.05 * 0.95 / 150)).all()
    power = table[~table["null_true"]].set_index(["truth", "test"])["rejection"]
    assert power["sdm", "lm_lag"] > 0.8
    assert power["sdm", "lr_sem"] > 0.8


def test_truths_are_distinct():
    assert [t.model for t in truths(cell("provinces_T9_rho0_iid"))] == ["sar", "sdm"]
    assert [t.theta for t in truths(cell("provinces_T9_rho0.4_iid"))] == [0.0, -0.4, 0.5]


def test_draws_repeat_and_differ_between_cells(layout):
    name = cell("provinces_T9_rho0.4_iid", replications=3)
    first, again = (next(draw_designs(name, layout.weights)) for _ in range(2))
    np.testing.assert_array_equal(first.y, again.y)
    other = next(draw_designs(cell("provinces_T9_rho0.4_ar1", replications=3), layout.weights))
    assert not np.array_equal(other.x, first.x)


def test_values_of_theta_share_regressors_and_errors(layout):
    name = cell("provinces_T9_rho0.4_iid", replications=2)
    with_spillover, without = (next(draw_designs(name, layout.weights, th)) for th in (0.5, 0.0))
    np.testing.assert_array_equal(with_spillover.x, without.x)
    difference = with_spillover.y - without.y
    np.testing.assert_allclose(
        difference - 0.4 * layout.weights.lag(difference),
        0.5 * layout.weights.lag(without.x[:, :, 0]),
        atol=1e-12,
    )


def test_refused_estimates_are_counted(layout):
    few = cell("provinces_T6_rho0.7_iid", replications=4)
    found = replicate(few, layout, SETTINGS)
    found.estimate[0, 1] = np.nan
    found.std_error[0, :, 1] = np.nan
    table = coverage_table(found)
    first = table[table["convention"] == SETTINGS.corrections[0]]
    assert set(first["used"]) == {3}
    assert set(first["refused"]) == {1}
    assert set(bias_table(found).query("convention == @SETTINGS.corrections[0]")["refused"]) == {1}


def test_an_estimate_at_the_edge_is_left_out(layout):
    near_one = cell("provinces_T6_rho0.7_iid", rho=0.98, replications=20)
    found = [estimate_all(d, SETTINGS.corrections) for d in draw_designs(near_one, layout.weights)]
    refused = [set(SETTINGS.corrections) - set(f) for f in found]
    assert {"lee_yu"} in refused
    assert set() in refused


def test_proportion_by_hand():
    found = proportion(np.array([True, True, True, False]), 5)
    assert found == {
        "coverage": 0.75,
        "mc_error": pytest.approx(np.sqrt(0.75 * 0.25 / 4)),
        "used": 4,
        "refused": 1,
    }


def test_moments_by_hand(small, layout):
    few, settings, *_ = small
    found = replicate(few, layout, settings)
    errors = found.estimate[settings.corrections.index("lee_yu"), :, 2] - 0.7
    row = bias_table(found).query("convention == 'lee_yu' and term == 'rho'").iloc[0]
    assert row["bias"] == pytest.approx(errors.mean())
    assert row["rmse"] == pytest.approx(np.sqrt((errors**2).mean()))
    assert row["bias_mc_error"] == pytest.approx(errors.std(ddof=1) / np.sqrt(3))


def test_documented_tables_hold_one_row_per_choice(small, layout):
    few, settings, *_ = small
    found = replicate(few, layout, settings)
    coverage = documented_coverage(coverage_table(found))
    assert len(coverage) == len(DOCUMENTED)
    assert not coverage.duplicated(["convention", "covariance", "interval"]).any()
    bias = documented_bias(bias_table(found))
    assert list(bias["convention"]) == list(settings.corrections)
    size = documented_size(size_table(few, layout, replace(settings, test_replications=2)))
    assert list(size["truth"]) == ["sar", "sem", "sdm"]
    assert {"lr_sar", "wald_sem_cluster_jackknife"} <= set(size.columns)


def test_lattice_is_rook_contiguity():
    w = lattice(4)
    degrees = w.cardinalities.reshape(4, 4)
    assert degrees.tolist() == [[2, 3, 3, 2], [3, 4, 4, 3], [3, 4, 4, 3], [2, 3, 3, 2]]
    assert w.is_row_standardised
    assert w.to_dense()[0, [1, 4]].tolist() == [0.5, 0.5]


def test_settings_are_checked():
    with pytest.raises(ConfigError, match="replication"):
        load_settings({k: v for k, v in RAW.items() if k != "replications"}, SCHEMA)
    with pytest.raises(ConfigError, match="a cell twice"):
        load_settings({**RAW, "blocks": [*RAW["blocks"], RAW["blocks"][0]]}, SCHEMA)
    with pytest.raises(ConfigError, match="a convention twice"):
        load_settings({**RAW, "measured": [*RAW["measured"], RAW["measured"][0]]}, SCHEMA)
    with pytest.raises(ConfigError, match="no cell"):
        SETTINGS.cell("provinces_T99")
