"""Verdicts by weights, and the ledger's unit of change: identities with the fit, adjustments, refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shuyi.analyses.ledger import blocks as ledger_blocks
from shuyi.analyses.ledger import frames as ledger_frames
from shuyi.china import provinces
from shuyi.errors import DataError
from shuyi.panel import Panel
from shuyi.spatialpanel import Specification
from shuyi.spatialpanel import fit as fit_specification
from shuyi.weights import Weights

EXACT = 1e-10
"""Sums of a few hundred products in double precision."""

UNITS, PERIODS = provinces.codes()[:8], tuple(range(2016, 2022))
DRAWS, SEED = 60, 7
SPECIFICATION = Specification("sdm", "7", "SDM", "sdm", "y", ("x",), weights="ring")


def ring(labels=UNITS):
    n = len(labels)
    dense = np.zeros((n, n))
    for i in range(n):
        dense[i, [(i - 1) % n, (i + 1) % n]] = 0.5
    return Weights.coerce(pd.DataFrame(dense, index=list(labels), columns=list(labels)))


def panel_of(columns, units=UNITS, periods=PERIODS, seed=3):
    rng = np.random.default_rng(seed)
    values = rng.lognormal(size=(len(periods), len(units), len(columns)))
    return Panel(values, tuple(units), tuple(periods), tuple(columns))


@pytest.fixture(scope="module")
def fit():
    return fit_specification(panel_of(["y", "x"]), ring(), SPECIFICATION)


@pytest.mark.parametrize(
    ("estimate", "p", "expected"),
    [
        (0.2, 0.04, "diffusion"),
        (-0.2, 0.04, "siphon"),
        (0.2, 0.05, "no_evidence"),
        (-0.2, 0.9, "no_evidence"),
        (0.2, np.nan, "no_evidence"),
    ],
)
def test_verdict_needs_a_p_value_below_one_minus_the_level(estimate, p, expected):
    assert ledger_frames.verdict(estimate, p, 0.95) == expected


def options(multiplicity="holm", covariance="cluster_jackknife"):
    return {
        "term": "x",
        "rule": ledger_frames.Rule(covariance, multiplicity),
        "simulation": ledger_frames.Simulation(DRAWS, SEED, 0.95),
    }


def judged(panel, weights, specification=SPECIFICATION, multiplicity="holm"):
    kinds = ("cluster_jackknife", "information")
    estimates = ledger_frames.estimates_by_weights(panel, weights, specification, (), kinds)
    return ledger_frames.verdicts(estimates, **options(multiplicity))


def test_verdicts_agree_with_the_fit_and_refuse_models_without_spillover(fit):
    panel = panel_of(["y", "x"])
    row = judged(panel, {"ring": ring()}).iloc[0]
    own = fit_specification(panel, ring(), replace(SPECIFICATION, covariance="cluster_jackknife"))
    effects = own.effects(draws=0).to_frame().set_index(["term", "component"]).loc[("x", "indirect")]
    for name, column in (("estimate", "estimate"), ("std_error", "std_error_delta"), ("p_value", "p_value")):
        assert row[name] == pytest.approx(effects[column], abs=EXACT)
    usual = fit.effects(draws=DRAWS, seed=SEED).to_frame().set_index(["term", "component"])
    assert row["usual_low"] == pytest.approx(usual.loc[("x", "indirect"), "ci_low"], abs=EXACT)
    assert row["rho_std_error"] == pytest.approx(own.std_errors["rho"], abs=EXACT)
    assert row["reason"] == ""
    plain = Specification("ols", "7", "OLS", "ols", "y", ("x",), "none", covariance="cluster")
    with pytest.raises(DataError, match="no spillover to judge"):
        judged(panel, {"ring": ring()}, plain)


def test_verdicts_allow_for_the_number_of_weights():
    panel, two = panel_of(["y", "x"]), {"ring": ring(), "again": ring()}
    found = judged(panel, two)
    assert found["p_adjusted"].tolist() == pytest.approx(np.minimum(1, 2 * found["p_value"]).tolist())
    plain = judged(panel, two, multiplicity="none")
    assert plain["p_adjusted"].tolist() == plain["p_value"].tolist()


def test_parameters_are_those_of_the_fits(fit):
    estimates = ledger_frames.estimates_by_weights(
        panel_of(["y", "x"]), {"ring": ring()}, SPECIFICATION, (), ("information", "robust")
    )
    frame = ledger_frames.parameters_frame(estimates)
    assert list(frame.columns) == [*ledger_frames.PARAMETERS, *fit.names]
    own = frame[frame["covariance"] == "information"]
    assert own["parameter"].tolist() == list(fit.names)
    np.testing.assert_allclose(own["value"], fit.values, atol=EXACT)
    np.testing.assert_allclose(own[list(fit.names)], fit.covariance_matrix, atol=EXACT)
    assert set(frame["covariance"]) == {"information", "robust"}


def test_accounts_scale_with_the_rise_and_say_so(fit):
    groups = {"region": dict.fromkeys(fit.units, "East")}
    frames = ledger_frames.ledger_frames(fit, "x", groups, draws=DRAWS, seed=SEED, level=0.9)
    scaled = ledger_frames.scaled(frames, 0.25)
    np.testing.assert_allclose(scaled["ledger"]["given_low"], frames["ledger"]["given_low"] / 4, atol=EXACT)
    assert scaled["groups"]["units"].tolist() == frames["groups"]["units"].tolist()
    assert all((frame["rise"] == 0.25).all() for frame in scaled.values())


def test_deviation_within_units_leaves_out_levels():
    values = np.array([[1.0, 11.0], [3.0, 13.0], [5.0, 15.0]])
    assert ledger_frames.within_deviation(values) == pytest.approx(2.0, abs=EXACT)


def test_share_of_weights_is_that_of_the_column_sums(fit):
    star = np.zeros((8, 8))
    star[1:, 0], star[0, 1:] = 1.0, 1 / 7
    weights = Weights.coerce(pd.DataFrame(star, index=list(UNITS), columns=list(UNITS)))
    given = 3.0 * star.sum(axis=0)
    book = pd.DataFrame({"unit": list(UNITS), "given": given, "received": 3.0, "net": given - 3.0})
    found = ledger_blocks.share_of_weights(book, weights)
    assert found == pytest.approx({"given": 1.0, "net": 1.0, "received": 0.0}, abs=EXACT)
