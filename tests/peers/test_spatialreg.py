"""Estimates against R's spatialreg: maximum likelihood with dummies, and on transformed data."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from peer_data import golden, panel

from shuyi.errors import ConfigError
from shuyi.spatialpanel import MODELS

# A search on values of the likelihood cannot tell apart points whose log-likelihoods differ by rounding:
# d standard errors from the maximum cost d^2/2, and 2.2e-16 times a log-likelihood of 1,700 is 4e-13, which
# is d = 1e-6. spatialreg's golden-section search of rho or lam (optimize) ends there.
ONE_DIMENSION = 5e-6
# Of SAC and GNS nlminb ends at a relative change of 1e-13 with difference gradients: d = 2e-5.
TWO_DIMENSIONS = 1e-4
# errorsarlm filters and projects on up to 78 dummies anew at every lam: its log-likelihood carries rounding
# of up to 2e-8 (1e-12 on demeaned data), which is d = 2e-4.
ERRORS_WITH_DUMMIES = 2e-4
# The likelihood itself is flat at its maximum: only the rounding of sums over n T terms remains.
LOGLIK = {"rtol": 1e-11, "atol": 1e-7}
# Standard deviations of 20,000 draws on either side. Those of a product of two normals with means near zero
# (kurtosis 9) have a relative error of sqrt(8/80,000) = 1 % each; four of them.
SIMULATED = {"rtol": 0.06}
DRAWS = 20_000

EFFECTS = ("pooled", "individual", "time", "twoways")
NAMES = {"(Intercept)": "const"}


def _keys() -> list[tuple[str, str, str, str]]:
    one = ("sar", "sdm", "sem", "sdem", "slx")
    both = (*one, "sac", "gns")
    exact = [
        (p, "exact", e, m)
        for p, ms in (("cigar", both), ("produc", one), ("knn", both))
        for e in EFFECTS
        for m in ms
    ]
    odd = [("odd", "exact", e, m) for e in EFFECTS for m in ("sar", "sdm")]
    odd_errors = [("odd", "exact", e, m) for e in ("pooled", "individual") for m in ("sem", "sdem")]
    transformed = [
        (p, c, e, m)
        for p in ("cigar", "produc", "knn")
        for c in ("demean_then_lag", "lee_yu")
        for e in EFFECTS[1:]
        for m in ("sar", "sdm", "sem", "sdem")
    ]
    return exact + odd + odd_errors + transformed


def _recorded(name: str, convention: str, effects: str, model: str) -> dict:
    if convention != "exact":
        return golden(f"spatialreg_transformed_{name}")[convention][effects][model]
    file = "spatialreg_odd_weights" if name == "odd" else f"spatialreg_{name}"
    return golden(file)["fits"][effects][model]


def _estimate(name: str, convention: str, effects: str, model: str):
    p = panel(name)
    specification = MODELS[model](
        p.frame, p.weights, outcome=p.outcome, regressors=p.regressors, effects=effects
    )
    return specification.fit(correction=convention)


@cache
def _case(*key: str) -> SimpleNamespace:
    name, convention, effects, model = key
    return SimpleNamespace(
        fit=_estimate(*key),
        peer=_recorded(*key),
        effects=effects,
        model=model,
        search_error=_search_error(convention, model),
        observations=panel(name).n * panel(name).T,
    )


@pytest.fixture(params=_keys(), ids="-".join)
def case(request):
    return _case(*request.param)


def _projects_more_than_its_peer(key: tuple[str, str, str, str]) -> bool:
    """Cases of test_information_of_demean_then_lag_projects_the_mean_of_the_lag."""
    _, convention, effects, model = key
    return convention == "demean_then_lag" and effects != "individual" and model in ("sar", "sdm")


@pytest.fixture(params=[k for k in _keys() if not _projects_more_than_its_peer(k)], ids="-".join)
def case_of_one_information(request):
    return _case(*request.param)


def _search_error(convention: str, model: str) -> float:
    if model in ("sac", "gns"):
        return TWO_DIMENSIONS
    return ERRORS_WITH_DUMMIES if model in ("sem", "sdem") and convention == "exact" else ONE_DIMENSION


def _peer_numbers(case, key: str) -> dict[str, float]:
    """Rename the intercept; under fixed effects it is the reference unit's dummy, without a counterpart."""
    numbers = {NAMES.get(k, k): v for k, v in case.peer[key].items()}
    if case.effects != "pooled":
        numbers.pop("const", None)
    return numbers


def test_params(case):
    peer = _peer_numbers(case, "params")
    names = list(peer)
    distance = (case.fit.params[names] - list(peer.values())) / case.fit.std_errors[names]
    assert_allclose(distance, 0, atol=case.search_error)


def test_every_parameter_has_a_peer(case):
    assert sorted(case.fit.names) == sorted(_peer_numbers(case, "params"))


def test_std_errors(case_of_one_information):
    case = case_of_one_information
    if case.model == "slx":
        peer = _peer_numbers(case, "std_errors_unbiased")
        divisor = np.sqrt(case.peer["df_residual"] / case.observations)
        peer = {k: v * divisor for k, v in peer.items()}
    else:
        peer = _peer_numbers(case, "std_errors")
    assert_allclose(case.fit.std_errors[list(peer)], list(peer.values()), rtol=case.search_error)


@pytest.mark.parametrize("effects", ["time", "twoways"])
@pytest.mark.parametrize("name", ["cigar", "produc", "knn"])
@pytest.mark.parametrize("model", ["sar", "sdm"])
def test_information_of_demean_then_lag_projects_the_mean_of_the_lag(name, effects, model):
    """Ours is |J G X b|^2/s2 where the likelihood of demeaned data has |G X b|^2/s2 (differences.md)."""
    fit = _estimate(name, "demean_then_lag", effects, model)
    peer = _recorded(name, "demean_then_lag", effects, model)
    ours = np.linalg.inv(fit.cov.loc[peer["cov_names"], peer["cov_names"]])
    scale = np.sqrt(np.diag(np.linalg.inv(peer["cov"])))
    gap = (np.linalg.inv(peer["cov"]) - ours) / np.outer(scale, scale)
    rho = peer["cov_names"].index("rho")
    expected = np.zeros_like(gap)
    expected[rho, rho] = _period_means_of_the_lag(name, effects, fit) / scale[rho] ** 2
    assert_allclose(gap, expected, atol=ONE_DIMENSION)


def _period_means_of_the_lag(name: str, effects: str, fit) -> float:
    """Return (|v|^2 - |J v|^2)/s2 of v = G X b with X demeaned."""
    p = panel(name)
    W = p.weights.to_numpy()
    x = p.frame[p.regressors].to_numpy().reshape(p.n, p.T, -1)
    x = np.concatenate([x, np.einsum("ij,jtk->itk", W, x)], axis=2)[:, :, : len(fit.names) - 2]
    demeaned = x - x.mean(axis=0) - (effects == "twoways") * (x - x.mean(axis=0)).mean(axis=1, keepdims=True)
    v = W @ np.linalg.solve(np.eye(p.n) - fit["rho"] * W, demeaned @ fit.values[:-2])
    return p.n * (v.mean(axis=0) ** 2).sum() / fit["sigma2"]


def test_loglik(case):
    assert_allclose(case.fit.loglik, case.peer["loglik"], **LOGLIK)


WITH_EFFECTS = [k for k in _keys() if k[1] == "exact" and k[3] in ("sar", "sdm") and k[0] != "odd"]


@pytest.fixture(scope="module", params=WITH_EFFECTS, ids="-".join)
def effects_case(request):
    fit = _estimate(*request.param)
    return SimpleNamespace(effects=fit.effects(draws=DRAWS).to_frame(), peer=_recorded(*request.param))


@pytest.mark.parametrize("component", ["direct", "indirect", "total"])
def test_effects(effects_case, component):
    ours = effects_case.effects.query("component == @component").set_index("term")
    peer = effects_case.peer["effects"][component]
    names = list(peer)
    distance = (ours["estimate"][names] - list(peer.values())) / ours["std_error_delta"][names]
    assert_allclose(distance, 0, atol=ONE_DIMENSION)


@pytest.mark.parametrize("component", ["direct", "indirect", "total"])
def test_simulated_errors_of_effects(effects_case, component):
    ours = effects_case.effects.query("component == @component").set_index("term")["std_error"]
    peer = effects_case.peer["effects_std_errors"][component]
    assert_allclose(ours[list(peer)], list(peer.values()), **SIMULATED)


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("name", ["cigar", "produc", "knn"])
@pytest.mark.parametrize("restricted", ["sar", "sem"])
def test_likelihood_ratios(name, effects, restricted):
    sdm, nested = (_estimate(name, "exact", effects, m).loglik for m in ("sdm", restricted))
    assert_allclose(
        2 * (sdm - nested), golden(f"spatialreg_{name}")["lr"][effects][f"sdm_against_{restricted}"], **LOGLIK
    )


@pytest.mark.parametrize("effects", ["time", "twoways"])
@pytest.mark.parametrize("model", ["sem", "sdem"])
def test_error_filters_that_change_the_time_dummies_are_refused(model, effects):
    with pytest.raises(ConfigError, match="row-standardised error weights"):
        _estimate("odd", "exact", effects, model)
