"""Two regimes: equality with the plain model, derivatives and errors by brute force, recovery, refusals."""

import numpy as np
import pytest
from spatial_cases import labels, make_panel, make_weights

from shuyi.errors import ConfigError, DataError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel import OLS, SAR, SDM, regimes
from shuyi.spatialpanel.regimes import by_group, fit_regimes

# Two searches that end with the same Newton tolerance.
SEARCH = {"rtol": 1e-6, "atol": 1e-8}
# Central differences of step 1e-6.
DIFFERENCE = {"rtol": 1e-4, "atol": 1e-4}
INVERSE = {"rtol": 1e-9, "atol": 1e-12}

N, T = 16, 7


def with_regime(member, n=N, t=T, weights=None, seed=3, rho=(0.3, 0.3), gap=0.0):
    """A panel whose regimes differ in rho, and in the coefficient of x1 by a gap."""
    weights = weights or make_weights("nearest", n)
    w, rng = weights.to_dense(), np.random.default_rng(seed)
    x = rng.standard_normal((t, n, 2)) + rng.standard_normal((n, 2))
    mean = x @ [1.0, 0.5] + gap * member * x[:, :, 0] + 0.4 * x[:, :, 0] @ w.T
    mean = mean + 0.3 * rng.standard_normal(n) + 0.3 * rng.standard_normal((t, 1))
    mean = mean + 0.5 * rng.standard_normal((t, n))
    mixed = np.where(member == 1, *rho)
    y = np.stack([np.linalg.solve(np.eye(n) - r[:, None] * w, m) for r, m in zip(mixed, mean, strict=True)])
    values = np.concatenate([y[:, :, None], x, member[:, :, None]], axis=2)
    return Panel(values, labels(n), tuple(range(2000, 2000 + t)), ("y", "x1", "x2", "d")), weights


def halves(n=N, t=T):
    return np.tile((np.arange(n) % 2).astype(float), (t, 1))


def moving(n=N, t=T):
    return (np.random.default_rng(9).random((t, n)) < 0.5).astype(float)


def estimate(member, split="all", durbin="all", effects="twoways", covariance="information", **options):
    panel, weights = with_regime(member, **options)
    return fit_regimes(
        panel,
        weights,
        outcome="y",
        regressors=["x1", "x2"],
        regime="d",
        durbin=durbin,
        effects=effects,
        split=split,
        covariance=covariance,
    )


def loglikelihood(problem, values):
    """Write the log-likelihood of untransformed parameters out, term by term."""
    k = len(problem.names)
    rho, s2 = values[k : k + 2], values[-1]
    e = problem.y - problem.x @ values[:k] - problem.wy @ rho
    total = -0.5 * e.size * np.log(2 * np.pi * s2) - (e**2).sum() / (2 * s2)
    for t in range(problem.design.T):
        w = problem.design.lags.at(t).to_dense()
        mixed = rho[0] * problem.member[t] + rho[1] * (1 - problem.member[t])
        total += np.linalg.slogdet(np.eye(len(w)) - mixed[:, None] * w)[1]
    return total


@pytest.mark.parametrize("member", [halves(), moving()], ids=["fixed", "moving"])
@pytest.mark.parametrize("split", ["all", "rho"])
def test_the_estimate_is_a_maximum(member, split, central_difference):
    fit = estimate(member, split)
    assert fit.loglik == pytest.approx(loglikelihood(fit.problem, fit.values), rel=1e-10)
    slope = central_difference(lambda v: loglikelihood(fit.problem, v), fit.values)
    np.testing.assert_allclose(slope, 0, atol=1e-3)
    assert fit.loglik > fit.loglik_equal


def test_derivatives_of_the_log_determinant(central_difference):
    problem = estimate(moving()).problem
    rho = np.array([0.35, -0.2])
    _, first, second = problem.log_determinant(rho)
    np.testing.assert_allclose(
        first, central_difference(lambda r: problem.log_determinant(r)[0], rho), **DIFFERENCE
    )
    np.testing.assert_allclose(
        second, central_difference(lambda r: problem.log_determinant(r)[1], rho), **DIFFERENCE
    )


def test_observed_information_is_the_curvature(central_difference):
    fit = estimate(halves(), covariance="hessian")
    problem = fit.problem

    def score(values):
        return central_difference(lambda v: loglikelihood(problem, v), values, step=1e-5)

    numeric = -central_difference(score, fit.values, step=1e-4)
    found = regimes._observed(problem, fit.values)
    scale = np.sqrt(np.outer(np.diag(found), np.diag(found)))
    np.testing.assert_allclose(numeric / scale, found / scale, atol=1e-3)
    np.testing.assert_allclose(fit.covariance_matrix @ found, np.eye(len(found)), atol=1e-6)


@pytest.mark.parametrize("effects", ["pooled", "individual", "time", "twoways"])
def test_information_of_equal_regimes_is_that_of_the_plain_model(effects):
    """At equal rho the two generators add up to that of W."""
    panel, weights = with_regime(halves())
    fit = fit_regimes(
        panel, weights, outcome="y", regressors=["x1", "x2"], regime="d", split="rho", effects=effects
    )
    plain = SDM(panel, weights, outcome="y", regressors=["x1", "x2"], effects=effects).fit("exact")
    values = np.r_[plain.values[:-2], plain["rho"], plain["rho"], plain["sigma2"]]
    k = len(values) - 3
    join = np.zeros((k + 3, k + 2))
    join[:k, :k] = np.eye(k)
    join[k : k + 2, k] = join[k + 2, k + 1] = 1.0
    info = join.T @ regimes._information(fit.problem, values) @ join
    np.testing.assert_allclose(np.linalg.inv(info), plain.covariance_matrix, rtol=1e-7, atol=1e-12)
    beta, sigma2, loglik = regimes._solved(fit.problem, np.full(2, plain["rho"]))
    np.testing.assert_allclose([*beta, sigma2], np.delete(plain.values, -2), **SEARCH)
    assert loglik == pytest.approx(plain.loglik, abs=1e-8)
    assert fit.loglik_equal == pytest.approx(plain.loglik, abs=1e-8)


def test_without_lagged_regressors_the_plain_model_is_the_sar():
    panel, weights = with_regime(halves())
    fit = estimate(halves(), durbin=None)
    plain = SAR(panel, weights, outcome="y", regressors=["x1", "x2"]).fit("exact")
    assert fit.loglik_equal == pytest.approx(plain.loglik, abs=1e-8)
    assert fit.names == ("x1[1]", "x1[0]", "x2[1]", "x2[0]", "rho[1]", "rho[0]", "sigma2")


def test_different_regimes_are_recovered_and_told_apart():
    member = moving(40, 12)
    fit = estimate(member, n=40, t=12, rho=(0.6, 0.1), gap=0.5)
    for name, value in {"rho[1]": 0.6, "rho[0]": 0.1, "x1[1]": 1.5, "x1[0]": 1.0}.items():
        error = fit.to_frame().loc[name, "std_error"]
        # The bias of dummies with time effects comes on top of sampling.
        assert abs(fit[name] - value) < 3.5 * error, name
    tests = fit.equality_tests()
    assert tests["p_value"].max() < 1e-6
    assert list(tests["df"]) == [1, 5, 5]


def test_equal_regimes_are_rejected_at_their_level():
    """Individual effects, 200 samples: 5 % within 2.6 binomial errors."""
    rejected = np.zeros(3)
    for seed in range(200):
        tests = estimate(halves(), effects="individual", durbin=None, seed=seed).equality_tests()
        rejected += tests["p_value"] < 0.05
    # Wald with sigma2 over nT rejects more often than its level in small samples.
    assert np.all(rejected / 200 < 0.125), rejected / 200
    assert np.all(rejected / 200 > 0.01), rejected / 200


def test_wald_by_its_formula():
    fit = estimate(halves(), split="rho")
    v = fit.covariance_matrix[-3:-1, -3:-1]
    expected = (fit["rho[1]"] - fit["rho[0]"]) ** 2 / (v[0, 0] + v[1, 1] - 2 * v[0, 1])
    tests = fit.equality_tests()
    assert tests.loc[0, "statistic"] == pytest.approx(expected)
    assert tests.loc[1, "statistic"] == pytest.approx(2 * (fit.loglik - fit.loglik_equal))
    assert list(tests["df"]) == [1, 1]


@pytest.mark.parametrize("split", ["all", "rho"])
def test_effects_are_averages_of_the_matrices(split, central_difference):
    fit = estimate(moving(), split)
    names, member = list(fit.names), fit.problem.member
    w = fit.problem.design.lags.at(0).to_dense()

    def effects(values):
        named = dict(zip(names, values, strict=True))
        found = {}
        for row in member:
            pair = [
                np.where(row == 1, named.get(f"{c}[1]", named.get(c)), named.get(f"{c}[0]", named.get(c)))
                for c in ("x2", "W_x2", "rho")
            ]
            matrix = np.linalg.inv(np.eye(N) - pair[2][:, None] * w) @ (
                np.diag(pair[0]) + pair[1][:, None] * w
            )
            for i in range(N):
                found.setdefault(row[i], []).append([matrix[i, i], matrix[i].sum()])
        means = [np.mean(found[r], axis=0) for r in (1.0, 0.0)]
        return np.array([[d, s - d, s] for d, s in means])

    found = fit.effects(draws=20, seed=1)
    assert found.terms[2:] == ("x2[1]", "x2[0]")
    np.testing.assert_allclose(found.estimate[2:], effects(fit.values), **INVERSE)
    slopes = central_difference(effects, fit.values)
    expected = np.sqrt(np.einsum("rcp,pq,rcq->rc", slopes, fit.covariance_matrix, slopes))
    np.testing.assert_allclose(found.std_error_delta[2:], expected, rtol=1e-5)
    assert found.simulated.shape == (20, 4, 3)


def test_effects_of_equal_regimes_with_balanced_weights_are_the_plain_effects():
    panel, weights = with_regime(halves())
    fit = fit_regimes(panel, weights, outcome="y", regressors=["x1", "x2"], regime="d", split="rho")
    plain = SDM(panel, weights, outcome="y", regressors=["x1", "x2"]).fit("exact")
    values = np.r_[plain.values[:-2], plain["rho"], plain["rho"], plain["sigma2"]]
    found = fit._effects_at(values)[0].reshape(2, 2, 3)
    np.testing.assert_allclose(found.mean(axis=1), plain.effects(draws=0).estimate, **INVERSE)


def test_weights_may_vary_by_period():
    member = halves()
    panel, weights = with_regime(member)
    other = make_weights("row", N)
    several = [weights if t % 2 else other for t in range(T)]
    fit = fit_regimes(panel, several, outcome="y", regressors=["x1"], regime="d", effects="individual")
    assert len(fit.problem.cases) == 2
    assert fit.loglik == pytest.approx(loglikelihood(fit.problem, fit.values), rel=1e-10)


def test_admissible_pairs_include_some_beyond_the_safe_bound():
    problem = estimate(halves()).problem
    assert problem.safe == pytest.approx(1.0)
    assert problem.is_admissible(np.array([0.99, -0.99]))
    assert problem.is_admissible(np.array([1.05, 0.0])) == (
        np.linalg.eigvals(1.05 * halves()[0][:, None] * problem.design.lags.at(0).to_dense()).real.max() < 1
    )
    assert not problem.is_admissible(np.array([1.2, 1.2]))


def test_groups_have_coefficients_of_their_own():
    weights = make_weights("nearest", N)
    panel = make_panel(N, T, weights, seed=1)
    groups = {u: "east" if i < 6 else "west" for i, u in enumerate(panel.units)}
    wide = by_group(panel, ["x1"], groups)
    assert wide.variables == ("y", "x1", "x2", "x1[east]", "x1[west]")
    np.testing.assert_array_equal(wide["x1[east]"] + wide["x1[west]"], panel["x1"])
    both = OLS(wide, outcome="y", regressors=["x1[east]", "x1[west]"], effects="individual").fit("exact")
    east = panel.select(units=panel.units[:6])
    alone = OLS(east, outcome="y", regressors=["x1"], effects="individual").fit("exact")
    assert both["x1[east]"] == pytest.approx(alone["x1"], rel=1e-10)
    assert by_group(panel.to_frame(), ["x1"], groups).variables == wide.variables
    with pytest.raises(DataError, match="u15"):
        by_group(panel, ["x1"], dict.fromkeys(panel.units[:-1], "a"))


def call(panel, weights, **options):
    arguments = {"outcome": "y", "regressors": ["x1", "x2"], "regime": "d", **options}
    return fit_regimes(panel, weights, **arguments)


def test_refusals(monkeypatch):
    panel, weights = with_regime(halves())
    with pytest.raises(ConfigError, match="does not keep the"):
        call(panel, weights, correction="lee_yu")
    with pytest.raises(ConfigError, match="all, rho"):
        call(panel, weights, split="beta")
    with pytest.raises(ConfigError, match="information, hessian"):
        call(panel, weights, covariance="robust")
    with pytest.raises(ConfigError, match="spatial weights"):
        call(panel, None, durbin=None)
    frame = panel.to_frame()
    with pytest.raises(DataError, match="0 everywhere"):
        call(frame.assign(d=0.0), weights)
    with pytest.raises(DataError, match="2 of u00 in 2000"):
        call(frame.assign(d=2.0), weights)
    with pytest.raises(DataError, match="no variable 'd'"):
        call(frame.drop(columns="d"), weights)
    with pytest.raises(IdentificationError, match=r"x3\[0\]"):
        call(frame.assign(x3=frame["x1"] * frame["d"]), weights, regressors=["x1", "x2", "x3"])
    monkeypatch.setattr(regimes, "MAX_UNITS", 10)
    with pytest.raises(ConfigError, match="at most 10 units"):
        call(panel, weights)
