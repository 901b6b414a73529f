"""Clustered, White and Driscoll-Kraay errors of least squares against R's plm."""

from types import SimpleNamespace

import pytest
from numpy.testing import assert_allclose
from peer_data import LEAST_SQUARES_CASES, by_own_names, least_squares

# Least squares on the same demeaned columns: rounding, magnified by the condition of the pooled design.
SANDWICH = {"rtol": 1e-7}


@pytest.fixture(scope="module", params=LEAST_SQUARES_CASES, ids="-".join)
def case(request):
    spec, peer = least_squares(*request.param)
    return SimpleNamespace(spec=spec, peer=peer)


def assert_errors(case, recorded, kind, **options):
    peer = by_own_names(recorded)
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
