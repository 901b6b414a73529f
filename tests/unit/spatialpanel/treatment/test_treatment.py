"""Treatments: who is exposed, re-assigned paths, effects of what took place, and event studies."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from shuyi.errors import AlignmentError, ConfigError, DataError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel import OLS, SDM, SLX
from shuyi.spatialpanel.montecarlo.cells import lattice
from shuyi.spatialpanel.treatment import (
    DesignError,
    Treatment,
    actual_effects,
    assignments,
    event_study,
    permutation_test,
)

EXACT = 1e-9
"""Two ways of solving the same least squares."""
UNITS, PERIODS = tuple("abcdef"), (2001, 2002, 2003, 2004)
W = lattice(5)
SIDE = W.labels
YEARS = tuple(range(2001, 2009))
ONE = Treatment({SIDE[0]: 2005, SIDE[7]: 2005, SIDE[12]: 2005}, SIDE, YEARS)
TWO = Treatment({SIDE[0]: 2005, SIDE[7]: 2005, SIDE[20]: 2007}, SIDE, YEARS)


def outcome(treatment, direct=0.0, exposure=0.0, seed=1):
    noise = np.random.default_rng(seed).normal(size=(len(YEARS), len(SIDE)))
    return noise + direct * treatment.paths + exposure * treatment.exposure(W)


def panel_of(y, treatment):
    return Panel(np.stack([y, treatment.paths], axis=-1), treatment.units, treatment.periods, ("y", "policy"))


def test_paths_begin_with_the_start_of_each_unit():
    treatment = Treatment({"b": 2003, "e": 2004, "f": 2009}, UNITS, PERIODS)
    assert treatment.treated == ("b", "e") and treatment.cohorts == (2003, 2004)
    assert treatment.never == ("a", "c", "d", "f")
    assert treatment.paths[:, 1].tolist() == [0, 0, 1, 1] and treatment.paths[:, 4].tolist() == [0, 0, 0, 1]
    assert treatment.paths[:, 5].sum() == 0


def test_every_unit_is_treated_exposed_or_clean():
    exposed, clean = ONE.exposed(W), ONE.clean(W)
    assert sorted([*ONE.treated, *exposed, *clean]) == sorted(SIDE)
    dense = W.to_dense()
    near = {SIDE[j] for i in (0, 7, 12) for j in np.flatnonzero(dense[:, i])} - set(ONE.treated)
    assert set(exposed) == near


@pytest.mark.parametrize(
    ("starts", "reason"),
    [
        ({}, "none_treated"),
        ({"a": 2010}, "none_treated"),
        (dict.fromkeys(UNITS, 2003), "all_treated"),
        ({"a": 2002}, "early"),
        ({"a": 1990}, "early"),
    ],
)
def test_what_the_panel_cannot_identify_is_refused(starts, reason):
    with pytest.raises(DesignError) as error:
        Treatment(starts, UNITS, PERIODS)
    assert error.value.reason == reason and error.value.remedy


def test_strangers_and_other_weights_are_refused():
    with pytest.raises(DataError, match="x"):
        Treatment({"x": 2003}, UNITS, PERIODS)
    with pytest.raises(AlignmentError):
        Treatment({"a": 2003}, UNITS, PERIODS).exposure(W)


def test_spillovers_need_clean_units():
    everywhere = Treatment(dict.fromkeys(SIDE[::2], 2005), SIDE, YEARS)
    assert not everywhere.clean(W)
    with pytest.raises(DesignError) as error:
        everywhere.check_separable(W)
    assert error.value.reason == "inseparable"
    ONE.check_separable(W)


class TestAssignments:
    def test_all_ways_are_listed_once(self):
        treatment = Treatment({"a": 2003, "b": 2004, "c": 2004}, UNITS, PERIODS)
        found = assignments(treatment, draws=999)
        firsts = np.array([treatment.starts.get(u, 0) for u in UNITS])
        listed = [tuple(row) for row in firsts[found.sources]]
        assert found.exact and len(listed) == found.possible == 60
        assert listed[0] == tuple(firsts)
        assert set(listed) == set(permutations(firsts.tolist())) and len(set(listed)) == len(listed)

    def test_random_ways_keep_the_paths_and_the_seed(self):
        one, same = assignments(TWO, draws=50, seed=3), assignments(TWO, draws=50, seed=3)
        assert not one.exact and len(one.sources) == 51
        assert (one.sources == same.sources).all()
        assert (one.sources[0] == np.arange(len(SIDE))).all()
        assert (np.sort(one.sources, axis=1) == np.arange(len(SIDE))).all()

    def test_paths_stay_within_strata(self):
        strata = ["x"] * 10 + ["y"] * 15
        for draws in (40, 9999):
            moved = assignments(ONE, draws=draws, seed=1, strata=strata).sources
            assert (moved[:, :10] < 10).all() and (moved[:, 10:] >= 10).all()

    def test_one_way_only_is_refused(self):
        with pytest.raises(IdentificationError, match="one way only"):
            assignments(ONE, strata=list(SIDE))
        with pytest.raises(DataError, match="one value per unit"):
            assignments(ONE, strata=["x"])

    @pytest.mark.parametrize("draws", [0, -1, 2.5, True])
    def test_draws_are_positive_whole_numbers(self, draws):
        with pytest.raises(ConfigError):
            assignments(ONE, draws=draws)


class TestPermutation:
    @pytest.mark.parametrize("treatment", [ONE, TWO])
    def test_coefficients_are_those_of_least_squares(self, treatment):
        y = outcome(treatment, 1.0, 2.0)
        test = permutation_test(y, treatment, assignments(treatment, draws=99), weights=W)
        fit = SLX(panel_of(y, treatment), W, outcome="y", regressors=["policy"], effects="twoways").fit()
        assert_allclose(test.estimate, fit.values[:2], rtol=0, atol=EXACT)
        alone = permutation_test(y, treatment, assignments(treatment, draws=99))
        fit = OLS(panel_of(y, treatment), outcome="y", regressors=["policy"], effects="twoways").fit()
        assert_allclose(alone.estimate, fit.values[:1], rtol=0, atol=EXACT)

    def test_each_assignment_is_the_estimate_with_those_units(self):
        y = outcome(ONE)
        found = assignments(ONE, draws=9, seed=2)
        values = []
        for sources in found.sources:
            moved = {SIDE[i]: 2005 for i in range(len(SIDE)) if SIDE[sources[i]] in ONE.treated}
            fit = OLS(
                panel_of(y, Treatment(moved, SIDE, YEARS)),
                outcome="y",
                regressors=["policy"],
                effects="twoways",
            ).fit()
            values.append(fit.values[0])
        test = permutation_test(y, ONE, found)
        assert_allclose(test.spread[0], np.std(values), rtol=EXACT)
        assert test.p_value[0] == np.mean(np.abs(values) >= abs(values[0]) * (1 - 1e-12))

    def test_controls_are_partialled_out(self):
        y = outcome(ONE)
        trend = np.arange(len(YEARS))[:, None] * np.random.default_rng(5).normal(size=len(SIDE))[None, :]
        test = permutation_test(y + 3 * trend, ONE, assignments(ONE, draws=9), controls=trend[..., None])
        values = np.stack([y, ONE.paths, trend], axis=-1)
        panel = Panel(values, SIDE, YEARS, ("y", "policy", "trend"))
        fit = OLS(panel, outcome="y", regressors=["policy", "trend"], effects="twoways").fit()
        assert_allclose(test.estimate[0], fit.values[0], rtol=0, atol=EXACT)

    def test_p_values_are_uniform_without_effects(self):
        found = assignments(ONE, draws=199, seed=1)
        p = [permutation_test(outcome(ONE, seed=s), ONE, found).p_value[0] for s in range(300)]
        # binomial errors of 300 replications: three of them around 5 and 50 per cent
        assert abs(np.mean(np.array(p) <= 0.05) - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 300)
        assert abs(np.mean(np.array(p) <= 0.5) - 0.5) < 3 * np.sqrt(0.25 / 300)

    def test_exposure_that_follows_from_treatment_is_refused(self):
        complete = (np.ones((6, 6)) - np.eye(6)) / 5
        weights = type(W).from_frame(pd.DataFrame(complete, UNITS, UNITS))
        treatment = Treatment({"a": 2003}, UNITS, PERIODS)
        y = np.random.default_rng(1).normal(size=(4, 6))
        for run in (permutation_test, event_study):
            with pytest.raises(IdentificationError, match="told apart"):
                run(y, treatment, assignments(treatment), weights=weights)


class TestActualEffects:
    def test_known_effects_are_found_without_noise(self):
        y = 1e-9 * outcome(ONE) + 2.0 * ONE.paths + 0.5 * ONE.exposure(W)
        fit = SLX(panel_of(y, ONE), W, outcome="y", regressors=["policy"], effects="twoways").fit()
        found = actual_effects(fit, ONE, "policy", W)
        near, treated = ONE.exposure(W), ONE.paths > 0
        exposed = (near > 0) & ~treated.any(axis=0)
        expected = [2.0 + 0.5 * near[treated].mean(), 0.5 * near[exposed].mean()]
        assert_allclose(found.estimate, expected, rtol=1e-6)

    def test_errors_are_those_of_finite_differences(self):
        fit = SDM(
            panel_of(outcome(ONE, 1.0, 1.0), ONE), W, outcome="y", regressors=["policy"], effects="twoways"
        ).fit()
        found = actual_effects(fit, ONE, "policy", W)
        at = fit.values[:3]

        def effects(values):
            b, th, rho = values
            s = np.linalg.inv(np.eye(len(SIDE)) - rho * W.to_dense())
            near = ONE.exposure(W)
            response = (b * ONE.paths + th * near) @ s.T
            exposed = (near > 0) & ~(ONE.paths > 0).any(axis=0)
            return np.array([response[ONE.paths > 0].mean(), response[exposed].mean()])

        steps = 1e-6 * np.eye(3)
        jacobian = np.array([(effects(at + h) - effects(at - h)) / 2e-6 for h in steps]).T
        cov = fit.covariance_matrix[:3, :3]
        assert_allclose(found.estimate, effects(at), rtol=1e-10)
        assert_allclose(found.std_error, np.sqrt(np.diag(jacobian @ cov @ jacobian.T)), rtol=1e-6)
        assert (found.interval(0.9)[:, 0] < found.estimate).all()

    def test_an_absent_regressor_is_named(self):
        fit = OLS(panel_of(outcome(ONE), ONE), outcome="y", regressors=["policy"]).fit()
        with pytest.raises(ConfigError, match="one of policy"):
            actual_effects(fit, ONE, "zone", W)


class TestEventStudy:
    def test_coefficients_are_those_of_dummies_by_period(self):
        y = outcome(ONE, 1.0, 1.0)
        study = event_study(y, ONE, assignments(ONE, draws=99), weights=W)
        ever, near = ONE.paths[-1], ONE.exposure(W)[-1]
        n, T, base = len(SIDE), len(YEARS), YEARS.index(2005) - 1
        columns = [np.tile(np.eye(n), (T, 1)), np.repeat(np.eye(T), n, axis=0)[:, 1:]]
        for side in (ever, near):
            columns += [np.outer(np.arange(T) == t, side).reshape(-1, 1) for t in range(T) if t != base]
        x = np.hstack(columns)
        found = np.linalg.lstsq(x, y.ravel(), rcond=None)[0][n + T - 1 :].reshape(2, T - 1)
        assert_allclose(np.delete(study.estimate, base, axis=0).T, found, atol=1e-8)
        assert study.times[base] == -1 and study.estimate[base].tolist() == [0, 0]

    def test_errors_are_hc3(self):
        import statsmodels.api as sm

        y = outcome(ONE, 1.0)
        study = event_study(y, ONE, assignments(ONE, draws=99), weights=W)
        x = np.column_stack([np.ones(len(SIDE)), ONE.paths[-1], ONE.exposure(W)[-1]])
        base = YEARS.index(2005) - 1
        peer = sm.OLS(y[-1] - y[base], x).fit(cov_type="HC3")
        assert_allclose(study.std_error[-1], peer.bse[1:], rtol=EXACT)

    def test_trends_before_are_found_with_the_stated_power(self):
        found = assignments(ONE, draws=399, seed=1)
        study = event_study(outcome(ONE), ONE, found)
        slope = float(study.trend[0])
        time = np.arange(len(YEARS)) - YEARS.index(2005) + 1
        paths = ONE.paths[-1] * time[:, None]
        p = [event_study(outcome(ONE, seed=s) + slope * paths, ONE, found).before_p[0] for s in range(150)]
        # power differs between panels because the spread of one panel stands for all
        assert 0.6 < np.mean(np.array(p) <= 0.05) < 0.95
        assert_allclose(study.bias, study.trend * np.mean([1, 2, 3, 4]))

    def test_cohorts_are_refused(self):
        with pytest.raises(IdentificationError, match="same period"):
            event_study(outcome(TWO), TWO, assignments(TWO, draws=99))

    def test_frame_has_one_row_per_term_and_period(self):
        frame = event_study(outcome(ONE), ONE, assignments(ONE, draws=99), weights=W).to_frame()
        assert len(frame) == 2 * len(YEARS)
        assert (frame["ci_low"] <= frame["ci_high"]).all()
        assert frame.loc[frame["time"] == -1, "permutation_p"].isna().all()
