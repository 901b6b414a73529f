import numpy as np
import pytest

from shuyi.analyses.estimation import estimates
from shuyi.errors import AlignmentError
from shuyi.panel import Panel
from shuyi.spatialpanel import Fit, Specification
from shuyi.spatialpanel.least_squares import FixedEffectsFit
from shuyi.weights import Weights

UNITS = tuple("abcdefgh")


@pytest.fixture
def weights():
    ring = np.zeros((8, 8))
    for i in range(8):
        ring[i, (i + 1) % 8] = ring[i, (i - 1) % 8] = 1.0
    return Weights(ring, UNITS, "ring").normalise("row")


@pytest.fixture
def panel():
    rng = np.random.default_rng(3)
    return Panel(rng.normal(size=(6, 8, 3)), UNITS, tuple(range(6)), ("y", "x", "z"))


def specification(**changes):
    row = dict.fromkeys(("table", "column"), "7") | {
        "id": "s", "model": "sdm", "outcome": "y", "regressors": "x z", "durbin": "all", "weights": "ring",
        "effects": "twoways", "correction": "lee_yu", "sample": "all", "covariance": "information",
    }  # fmt: skip
    row |= changes
    return Specification.from_row(row)


def test_sample_cuts_panel_and_weights_alike(panel, weights):
    cut, w = estimates.cut_to_sample(panel, weights, ["c"])
    assert cut.units == w.labels == tuple("abdefgh")
    np.testing.assert_allclose(w.row_sums, 1.0)
    with pytest.raises(AlignmentError, match="not in the panel: q"):
        estimates.cut_to_sample(panel, weights, ["q"])


@pytest.mark.parametrize(("model", "kind"), [("sdm", Fit), ("ols", FixedEffectsFit)])
def test_dictionary_form_restores_the_fit(panel, weights, model, kind):
    durbin = "all" if model == "sdm" else "none"
    covariance = "information" if model == "sdm" else "cluster"
    fit = estimates.estimate(
        panel, weights, specification(model=model, durbin=durbin, covariance=covariance), ["h"]
    )
    again = estimates.fit_from_dict(fit.to_dict())
    assert isinstance(again, kind)
    assert again.n == 7
    np.testing.assert_array_equal(again.values, fit.values)


def test_effects_of_a_sample_use_the_weights_of_the_sample(panel, weights):
    fit = estimates.estimate(panel, weights, specification(), ["h"])
    read = estimates.fit_from_dict(fit.to_dict())
    frame = estimates.effects_of(read, weights, draws=50, seed=1, level=0.95).to_frame()
    np.testing.assert_allclose(frame["estimate"], fit.effects(draws=50, seed=1).to_frame()["estimate"])


@pytest.mark.parametrize("model", ["sar", "sem"])
def test_spreg_agrees(panel, weights, model):
    (found,) = estimates.compare_with_peer(
        panel, {"ring": weights}, [specification(model=model, durbin="none")]
    )
    assert set(found.ours) == set(found.peer)
    assert found.loglik_at_peer == pytest.approx(found.loglik, abs=1e-6)
    for term, value in found.peer.items():
        assert found.ours[term] == pytest.approx(value, abs=1e-5)


def test_kept_islands_are_kept_by_the_estimator():
    lonely = Weights(np.zeros((2, 2)), ("a", "b"), definition={"islands": "keep"})
    assert estimates.islands_rule(lonely) == "keep"
    assert estimates.islands_rule(Weights(np.zeros((2, 2)), ("a", "b"))) == "refuse"


def test_serial_correlation_is_told_of_columns_without_clustered_errors(panel, weights):
    drift = np.cumsum(np.random.default_rng(5).normal(size=(6, 8)), axis=0)
    moving = panel.with_variables({"y": drift})
    fits = {
        "plain": estimates.estimate(moving, weights, specification(model="slx")),
        "clustered": estimates.estimate(moving, weights, specification(model="slx", covariance="cluster")),
    }
    found = estimates.serial_p_values(fits)
    assert list(found) == ["plain"]
    assert found["plain"] < 0.05
    assert estimates.serial_p_values({"clustered": fits["clustered"]}) == {}
