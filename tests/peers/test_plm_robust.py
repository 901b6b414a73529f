"""Clustered, White and Driscoll-Kraay errors of least squares against R's plm."""

from types import SimpleNamespace

import pytest
from numpy.testing import assert_allclose
from peer_data import golden, panel

from shuyi.spatialpanel import OLS, SLX

# Least squares on the same demeaned columns: rounding, magnified by the condition of the pooled design.
SANDWICH = {"rtol": 1e-7}

EFFECTS = ("pooled", "individual", "time", "twoways")
MODELS = {"ols": OLS, "slx": SLX}


@pytest.fixture(
    scope="module",
    params=[(p, e, m) for p in ("cigar", "produc") for e in EFFECTS for m in MODELS],
    ids="-".join,
)
def case(request):
    name, effects, model = request.param
    p = panel(name)
    spec = MODELS[model](p.frame, p.weights, outcome=p.outcome, regressors=p.regressors, effects=effects)
    return SimpleNamespace(spec=spec, peer=golden(f"plm_{name}")["fits"][effects][model])


def assert_errors(case, recorded, kind, **options):
    peer = {"const" if k == "(Intercept)" else k: v for k, v in recorded.items()}
    fit = case.spec.fit("exact", kind, covariance_options=options)
    assert_allclose(fit.std_errors[list(peer)], list(peer.values()), **SANDWICH)


def test_clusters_without_a_factor(case):
    assert_errors(case, case.peer["cluster_unit"]["HC0"], "cluster", small_sample=False)


def test_clusters_with_the_factor_of_stata(case):
    assert_errors(case, case.peer["cluster_unit"]["sss"], "cluster")


def test_white(case):
    assert_errors(case, case.peer["white"], "robust", small_sample=False)


@pytest.mark.parametrize("lags", range(5))
def test_driscoll_kraay(case, lags):
    recorded = case.peer["driscoll_kraay"][f"lag{lags}"]
    assert_errors(case, recorded, "driscoll_kraay", lags=lags, small_sample=False)


def test_clusters_do_not_depend_on_the_convention(case):
    first, second = (case.spec.fit(c, "cluster") for c in ("exact", "lee_yu"))
    names = list(case.spec.design.names)
    assert_allclose(first.std_errors[names], second.std_errors[names], **SANDWICH)
