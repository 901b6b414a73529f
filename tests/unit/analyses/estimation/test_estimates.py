import numpy as np
import pytest

from shuyi.analyses.estimation import estimates
from shuyi.analyses.estimation.caveats import Caveats, caveats_of
from shuyi.errors import AlignmentError
from shuyi.panel import Panel
from shuyi.pipeline.config import with_covariance
from shuyi.publish.notes import caveat_notes
from shuyi.spatialpanel import Fit, Specification
from shuyi.spatialpanel.least_squares import FixedEffectsFit
from shuyi.spatialpanel.montecarlo.detectable import detectable_from_error
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


def test_caveats_follow_from_the_estimate_itself(panel, weights):
    drift = np.cumsum(np.random.default_rng(5).normal(size=(6, 8)), axis=0)
    moving = panel.with_variables({"y": drift})
    spec = specification(model="sdm", durbin="all", covariance="cluster_jackknife")
    fit = estimates.estimate(moving, weights, spec)
    term = spec.regressors[0]
    options = {"term": term, "power": 0.8, "level": 0.95, "shared": {"population": ["x"]}}
    found = caveats_of(moving, weights, spec, fit, **options)
    assert found.serial_p < 0.05
    assert (found.df, found.n, found.covariance) == (7, 8, "cluster_jackknife")
    assert found.influential in moving.units and 0 < found.share < 1
    error = fit.effects(draws=0).std_error_delta[0]
    assert found.detectable["indirect"] == pytest.approx(detectable_from_error(error[1], 8))
    assert found.shared == {}
    other = caveats_of(moving, weights, spec, fit, **{**options, "term": "elsewhere"})
    assert other.term == "" and not other.effects


def test_caveats_are_told_in_both_languages(labels):
    found = Caveats(
        *("digital", "cluster_jackknife", 30.0, 31, 0.001, "110000", 0.55),
        effects={"direct": 0.122}, without={"direct": -0.016},
        detectable={"direct": 0.367, "indirect": 0.677, "total": 0.648}, shared={"gdp_nominal": ["a", "b"]},
    ).to_dict()  # fmt: skip
    notes = " ".join(caveat_notes({"SDM": found}, labels))
    for part in ("SDM p 0.001", "30", "31", "55", "0.122", "−0.016", "0.677", "2"):
        assert part in notes
    assert caveat_notes({}, labels) == []


def test_a_default_covariance_is_the_configured_one():
    rows = [{"id": "a", "covariance": "default"}, {"id": "b", "covariance": "information"}]
    assert [row["covariance"] for row in with_covariance(rows, "cluster")] == ["cluster", "information"]
