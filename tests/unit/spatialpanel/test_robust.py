"""Robust covariances: their score, their variance by brute force, their special cases, and their coverage."""

import numpy as np
import pandas as pd
import pytest
from linearmodels.panel import PanelOLS
from spatial_cases import labels, make_panel, make_weights

from shuyi.errors import AlignmentError, ConfigError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel import GNS, OLS, SAC, SAR, SDEM, SDM, SEM, SLX
from shuyi.spatialpanel.covariance import robust, scores
from shuyi.spatialpanel.covariance.kinds import covariance
from shuyi.spatialpanel.likelihood import Point, score_and_hessian

# Sums of a few hundred products in another order.
ROUNDING = {"rtol": 1e-9, "atol": 1e-12}
# The score at an estimate is zero up to the search's last step times the curvature.
SCORE = 1e-6
# Coverage that 31 clusters reach with normal quantiles (.935 in 1,500 replications), less 2.5 binomial errors
# of 300 replications.
CLUSTERED = 0.90
# What information leaves out at this design: .89 for the coefficients, plus 2.5 binomial errors.
UNCLUSTERED = 0.935

STATIC = {"SAR": SAR, "SEM": SEM, "SDM": SDM, "SDEM": SDEM, "SAC": SAC, "GNS": GNS}
KINDS = {
    "robust": {},
    "cluster": {},
    "driscoll_kraay": {"lags": 1},
    "conley": {"cutoff": 900.0, "lags": 1},
}
COORDINATES = np.random.default_rng(4).uniform((100, 20), (120, 40), (20, 2))


def fitted(model=SDM, n=20, T=6, correction="lee_yu", effects="twoways", weights=None, **options):
    w = weights or make_weights("nearest", n)
    panel = make_panel(n, T, w if not isinstance(w, list) else w[0], seed=2)
    extra = {"error_weights": make_weights("row", n)} if model in (SAC, GNS) else {}
    spec = model(panel, w, outcome="y", regressors=["x1", "x2"], effects=effects, **extra)
    return spec.fit(correction, **options)


def parts_of(fit):
    point = Point.from_vector(fit.values, fit.problem.spatial)
    return scores.score_parts(fit.problem, point), point


def dense_forms(parts):
    """Return l (nT, p) and the symmetric Q (p, nT, nT) of the whole score, period-major."""
    T, n = parts.residuals.shape
    forms = np.zeros((parts.p, T, n, T, n))
    for part in parts.quadratic:
        for t in range(T):
            for s in part.periods:
                forms[parts.first :, t, :, s, :] = parts.projector[t, s] * part.matrices
    forms = forms.reshape(parts.p, T * n, T * n)
    return parts.linear.reshape(T * n, -1), 0.5 * (forms + forms.transpose(0, 2, 1))


@pytest.mark.parametrize("model", STATIC.values(), ids=STATIC)
def test_the_parts_add_up_to_the_score_of_the_transformation(model):
    fit = fitted(model)
    parts, point = parts_of(fit)
    np.testing.assert_allclose(scores.period_scores(parts).sum(axis=0), 0, atol=SCORE)
    np.testing.assert_allclose(score_and_hessian(fit.problem, point)[0], 0, atol=SCORE)


def test_contributions_add_up_to_the_score_away_from_the_maximum():
    fit = fitted(effects="individual")
    parts, point = parts_of(fit)
    away = Point(point.beta + 0.1, point.rho - 0.1, 0.0, 0.3)
    parts = scores.score_parts(fit.problem, away)
    linear, forms = dense_forms(parts)
    e = parts.residuals.ravel()
    count = fit.n * (fit.T - 1)
    w = fit.lags.at(0).to_dense()
    trace = np.trace(np.linalg.solve((np.eye(20) - away.rho * w).T, w.T))
    expected = np.r_[0, 0, 0, 0, (fit.T - 1) * trace, count / (2 * away.sigma2)]
    found = linear.T @ e + np.einsum("p,apq,q->a", e, forms, e) - expected
    np.testing.assert_allclose(found, score_and_hessian(fit.problem, away)[0], **ROUNDING)


@pytest.mark.parametrize("effects", ["pooled", "individual", "time", "twoways"])
def test_variances_of_independent_observations_by_brute_force(effects):
    parts, _ = parts_of(fitted(SAC, effects=effects))
    linear, forms = dense_forms(parts)
    v = (parts.residuals**2).ravel()
    off = forms * (1 - np.eye(len(v)))
    brute = 2 * np.einsum("apq,bpq,p,q->ab", off, off, v, v)[parts.first :, parts.first :]
    np.testing.assert_allclose(scores.independent_variance(parts, v.reshape(6, 20)), brute, **ROUNDING)
    third, fourth = robust.moments(parts)
    s2, diagonal = parts.sigma2, np.diagonal(forms, axis1=1, axis2=2)
    textbook = s2 * linear.T @ linear + 2 * s2**2 * np.einsum("apq,bqp->ab", forms, forms)
    textbook += (fourth - 3 * s2**2) * diagonal @ diagonal.T
    textbook += third * (linear.T @ diagonal.T + diagonal @ linear)
    np.testing.assert_allclose(robust.common_score_variance(parts), textbook, **ROUNDING)


def test_variances_with_weights_that_vary_by_period():
    weights = [make_weights(kind, 20) for kind in ("nearest", "row", "nearest", "row", "row", "nearest")]
    weights = [{"nearest": weights[0], "row": weights[1]}[w.kind] for w in weights]
    parts, _ = parts_of(fitted(SAR, weights=weights, correction="exact"))
    _, forms = dense_forms(parts)
    assert len(parts.quadratic) == 2
    v = (parts.residuals**2).ravel()
    off = forms * (1 - np.eye(len(v)))
    brute = 2 * np.einsum("apq,bpq,p,q->ab", off, off, v, v)[parts.first :, parts.first :]
    np.testing.assert_allclose(scores.independent_variance(parts, v.reshape(6, 20)), brute, **ROUNDING)


def test_common_variance_is_that_of_simulated_scores():
    """The variance of s = l'e + e'Qe over skewed innovations, given l and Q."""
    parts, _ = parts_of(fitted(n=12, T=5))
    linear, forms = dense_forms(parts)
    rng = np.random.default_rng(3)
    e = rng.exponential(size=(40_000, 60)) - 1
    drawn = e @ linear + np.einsum("rp,apq,rq->ra", e, forms, e, optimize=True)
    exact = scores.ScoreParts(
        parts.residuals, parts.linear, parts.quadratic, parts.projector, True, 1.0, parts.inflation
    )
    original = robust.moments
    try:
        robust.moments = lambda _: (2.0, 9.0)
        expected = robust.common_score_variance(exact)
    finally:
        robust.moments = original
    np.testing.assert_allclose(np.diag(np.cov(drawn.T)), np.diag(expected), rtol=0.05)


def test_moments_of_a_demeaned_sample_are_those_of_the_innovations():
    parts, _ = parts_of(fitted(n=20, T=6))
    rng = np.random.default_rng(8)
    third, fourth = [], []
    for _ in range(1500):
        e = rng.exponential(size=(6, 20)) - 1
        r = e - e.mean(axis=0) - e.mean(axis=1, keepdims=True) + e.mean()
        made = scores.ScoreParts(
            r, parts.linear, parts.quadratic, parts.projector, True, float((r**2).sum()) / 95, 120 / 95
        )
        one, two = robust.moments(made)
        third.append(one)
        fourth.append(two)
    assert np.mean(third) == pytest.approx(2.0, abs=0.15)
    assert np.mean(fourth) == pytest.approx(9.0, abs=0.8)


def test_differences_of_two_periods_have_no_third_moment():
    parts, _ = parts_of(fitted(T=2))
    assert robust.moments(parts)[0] == 0.0


@pytest.mark.parametrize("groups", [None, [f"g{i % 7}" for i in range(20)]])
def test_clusters_by_brute_force(groups):
    fit = fitted(SAR)
    parts, point = parts_of(fit)
    linear, forms = dense_forms(parts)
    e = parts.residuals.ravel()
    names = groups or list(fit.units)
    member = np.array([names[i] for _ in range(fit.T) for i in range(fit.n)])
    blocks = sorted(set(names))
    rows = np.zeros((len(blocks), parts.p))
    between = np.zeros((parts.p, parts.p))
    for c, one in enumerate(blocks):
        own = member == one
        inside = forms[:, own][:, :, own]
        rows[c] = linear[own].T @ e[own] + np.einsum("p,apq,q->a", e[own], inside, e[own])
        rows[c] -= parts.sigma2 * np.trace(inside, axis1=1, axis2=2)
        for other in blocks:
            if other != one:
                product = np.einsum(
                    "p,apq,q->a", e[own], forms[:, own][:, :, member == other], e[member == other]
                )
                between += 2 * np.outer(product, product)
    bread = np.linalg.inv(-score_and_hessian(fit.problem, point)[1])
    count = len(blocks)
    factor = count / (count - 1) * (120 - 1) / (120 - 3)
    expected = factor * bread @ (rows.T @ rows + between) @ bread
    found = robust.cluster(fit.problem, point, groups=groups)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-14)


@pytest.mark.parametrize("model", [OLS, SLX], ids=["ols", "slx"])
@pytest.mark.parametrize("effects", ["individual", "twoways"])
def test_non_spatial_models_have_the_errors_of_linearmodels(model, effects):
    weights = make_weights("nearest", 20)
    panel = make_panel(20, 12, weights, seed=6)
    spec = model(panel, weights, outcome="y", regressors=["x1", "x2"], effects=effects)
    frame = panel.to_frame()
    names = list(spec.design.names)
    for j, name in enumerate(names[2:]):
        lag = weights.lag(panel[f"x{j + 1}"])
        frame[name] = lag.T.ravel()
    peer = PanelOLS(frame["y"], frame[names], entity_effects=True, time_effects=effects == "twoways")
    exact = {"debiased": False, "auto_df": False, "count_effects": False}
    clustered = peer.fit(cov_type="clustered", cluster_entity=True, group_debias=False, **exact)
    found = spec.fit(covariance="cluster", covariance_options={"small_sample": False})
    np.testing.assert_allclose(found.std_errors[names], clustered.std_errors, rtol=1e-8)
    over_time = peer.fit(cov_type="driscoll-kraay", kernel="bartlett", bandwidth=2, **exact)
    options = {"lags": 2, "small_sample": False}
    found = spec.fit(covariance="driscoll_kraay", covariance_options=options)
    np.testing.assert_allclose(found.std_errors[names], over_time.std_errors, rtol=1e-8)
    white = peer.fit(cov_type="robust", **exact)
    found = spec.fit(covariance="robust", covariance_options={"small_sample": False})
    np.testing.assert_allclose(found.std_errors[names], white.std_errors, rtol=1e-8)


def test_conley_of_least_squares_lies_between_white_and_driscoll_kraay():
    options = {"coordinates": COORDINATES, "small_sample": False, "kernel": "uniform"}
    near = fitted(OLS, covariance="conley", covariance_options={**options, "cutoff": 1e-6})
    white = fitted(OLS, covariance="robust", covariance_options={"small_sample": False})
    np.testing.assert_allclose(near.standard_errors[:2], white.standard_errors[:2], **ROUNDING)
    far = fitted(OLS, covariance="conley", covariance_options={**options, "cutoff": 1e6, "lags": 2})
    over_time = fitted(
        OLS, covariance="driscoll_kraay", covariance_options={"lags": 2, "small_sample": False}
    )
    np.testing.assert_allclose(far.standard_errors[:2], over_time.standard_errors[:2], **ROUNDING)


def test_conley_without_neighbours_is_close_to_robust():
    near = fitted(SAR, covariance="conley", covariance_options={"coordinates": COORDINATES, "cutoff": 1e-6})
    alone = fitted(SAR, covariance="robust")
    np.testing.assert_allclose(near.standard_errors[:3], alone.standard_errors[:3], rtol=0.05)


@pytest.mark.parametrize("correction", ["exact", "demean_then_lag", "lee_yu", "lee_yu_bias"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_exists_under_every_convention(kind, correction):
    options = dict(KINDS[kind], coordinates=COORDINATES) if kind == "conley" else KINDS[kind]
    for model in (*STATIC.values(), OLS, SLX):
        fit = fitted(model, correction=correction, covariance=kind, covariance_options=options)
        assert np.all(np.linalg.eigvalsh(fit.covariance_matrix) > -1e-12), model
        assert fit.covariance_kind == kind


def test_order_of_units_and_periods_is_immaterial():
    weights = make_weights("nearest", 20)
    panel = make_panel(20, 6, weights, seed=2)
    order = np.random.default_rng(1).permutation(20)
    units = tuple(panel.units[i] for i in order)
    shuffled = SDM(panel.select(units=units), weights.reindex(units), outcome="y", regressors=["x1", "x2"])
    for kind in ("robust", "cluster", "driscoll_kraay"):
        first = fitted(covariance=kind).covariance_matrix
        np.testing.assert_allclose(
            shuffled.fit(covariance=kind).covariance_matrix, first, rtol=1e-7, atol=1e-12
        )


def test_labelled_distances_are_aligned():
    names = labels(20)
    array = np.abs(COORDINATES[:, None, 0] - COORDINATES[:, 0]) * 100
    frame = pd.DataFrame(array, index=names, columns=names)
    shuffled = frame.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    options = {"cutoff": 500.0}
    one = fitted(covariance="conley", covariance_options={**options, "distances": array})
    two = fitted(covariance="conley", covariance_options={**options, "distances": shuffled})
    np.testing.assert_array_equal(one.covariance_matrix, two.covariance_matrix)


def test_serial_correlation_needs_clusters():
    """AR(1) errors of .5 and persistent regressors, rho = .4: clusters cover, information does not."""
    n, T = 31, 9
    weights = make_weights("row", n)
    w, rng, names = weights.to_dense(), np.random.default_rng(11), labels(n)
    inside = {"information": np.zeros(3), "cluster": np.zeros(3)}
    for _ in range(300):
        x, e = rng.standard_normal((2, T, n))
        for t in range(1, T):
            x[t] = 0.7 * x[t - 1] + np.sqrt(0.51) * x[t]
            e[t] = 0.5 * e[t - 1] + np.sqrt(0.75) * e[t]
        y = np.linalg.solve(np.eye(n) - 0.4 * w, (x + 0.5 * x @ w.T + e).T).T
        panel = Panel(np.stack([y, x], axis=2), names, tuple(range(T)), ("y", "x"))
        fit = SDM(panel, weights, outcome="y", regressors=["x"]).fit()
        point = Point.from_vector(fit.values, ("rho",))
        for kind, hits in inside.items():
            error = np.sqrt(np.diag(covariance(kind, fit.problem, point)))[:3]
            hits += np.abs(fit.values[:3] - [1.0, 0.5, 0.4]) < 1.96 * error
    clustered, naive = inside["cluster"] / 300, inside["information"] / 300
    assert np.all(clustered > CLUSTERED), clustered
    assert np.all(clustered > naive) and naive[:2].max() < UNCLUSTERED, (clustered, naive)


def test_few_clusters_are_noted():
    assert any("20 clusters" in note for note in fitted(covariance="cluster").notes)
    assert not any("clusters" in note for note in fitted().notes)
    assert not any("clusters" in note for note in fitted(n=45, covariance="cluster").notes)


@pytest.mark.parametrize(
    ("kind", "options", "error", "message"),
    [
        ("cluster", {"groups": ["a", "b"]}, AlignmentError, "20 groups"),
        ("cluster", {"groups": ["a"] * 20}, ConfigError, "two groups"),
        ("driscoll_kraay", {"lags": 6}, ConfigError, "0 to 5"),
        ("driscoll_kraay", {"lag": 1}, ConfigError, "unknown: lag"),
        ("conley", {"coordinates": COORDINATES}, ConfigError, "missing: cutoff"),
        ("conley", {"cutoff": 100.0}, ConfigError, "neither"),
        ("conley", {"cutoff": -1.0, "coordinates": COORDINATES}, ConfigError, "cutoff"),
        ("conley", {"cutoff": 1.0, "coordinates": COORDINATES[:5]}, AlignmentError, r"\(5, 2\)"),
        ("conley", {"cutoff": 1.0, "coordinates": COORDINATES, "kernel": "x"}, ConfigError, "bartlett"),
        ("conley", {"cutoff": 1.0, "distances": np.ones((20, 20))}, ConfigError, "diagonal not zero"),
        ("robust", {"variance": "none"}, ConfigError, "heteroskedastic, common"),
        ("information", {"lags": 1}, ConfigError, "no covariance_options"),
    ],
)
def test_refusals(kind, options, error, message):
    with pytest.raises(error, match=message):
        fitted(covariance=kind, covariance_options=options)


def test_an_indefinite_kernel_is_refused():
    with pytest.raises(IdentificationError, match="not positive semidefinite"):
        robust._check_semidefinite(np.array([[1.0, 2.0], [2.0, 1.0]]))


def test_many_units_are_refused(monkeypatch):
    monkeypatch.setattr(scores, "MAX_UNITS", 10)
    with pytest.raises(ConfigError, match="at most 10 units"):
        fitted(covariance="robust")
