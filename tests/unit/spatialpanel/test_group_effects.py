"""Effects by group: the plain model, brute force, finite differences, known coefficients, refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from spatial_cases import labels, make_weights

from shuyi.errors import ConfigError, DataError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel import SDM
from shuyi.spatialpanel.group_effects import BY, fit_groups

N, T = 24, 8
ROUNDING = {"rtol": 1e-8, "atol": 1e-10}
# Estimates lie within four of their own standard errors of the truth.
STANDARD_ERRORS = 4.0
RHO, OWN = 0.3, {"a": 1.0, "b": -0.5}


def groups():
    return {u: "a" if i < N // 2 else "b" for i, u in enumerate(labels(N))}


@pytest.fixture(scope="module")
def weights():
    return make_weights("row", N)


@pytest.fixture(scope="module")
def panel(weights):
    rng = np.random.default_rng(4)
    w, x = weights.to_dense(), rng.standard_normal((T, N, 2))
    b = np.array(list(map(OWN.get, groups().values())))
    e = 0.3 * rng.standard_normal((T, N))
    mean = x[..., 0] * b + (x[..., 0] * (b > 0)) @ w.T * 0.8 + x[..., 1] + e + rng.standard_normal(N)
    y = np.linalg.solve(np.eye(N) - RHO * w, mean.T).T
    return Panel(np.concatenate([y[..., None], x], axis=2), labels(N), tuple(range(T)), ("y", "x1", "x2"))


def fitted(panel, weights, **options):
    given = {"outcome": "y", "regressors": ["x1", "x2"], "term": "x1", "groups": groups()}
    return fit_groups(panel, weights, **{**given, **options})


def test_one_group_is_the_plain_model(panel, weights):
    own = fitted(panel, weights, groups=dict.fromkeys(labels(N), "all")).effects()
    plain = SDM(panel, weights, outcome="y", regressors=["x1", "x2"], effects="twoways")
    frame = plain.fit("lee_yu", "cluster_jackknife").effects(draws=0).to_frame()
    rows = frame[frame["term"] == "x1"].set_index("component").loc[["direct", "indirect"]]
    assert_allclose(own["estimate"], rows["estimate"], **ROUNDING)
    assert_allclose(own["std_error"], rows["std_error_delta"], **ROUNDING)


def matrix(fit, weights, rows):
    """Return M of units by group, by brute force."""
    w = weights.to_dense()
    b = [fit.fit[block.name] for block in fit.blocks]
    total = np.zeros((N, N))
    for value, block in zip(b, fit.blocks, strict=True):
        part = w.copy() if block.order else np.eye(N)
        if block.receivers:
            part[rows != block.receivers] = 0
        if block.senders:
            part[:, rows != block.senders] = 0
        if block.links:
            same = rows[:, None] == rows
            part = part * (same if block.links == "within" else ~same)
        total += value * part
    return np.linalg.inv(np.eye(N) - fit.fit["rho"] * w) @ total


@pytest.mark.parametrize("by", BY)
def test_effects_are_averages_of_the_matrix(panel, weights, by):
    fit, rows = fitted(panel, weights, by=by), np.array(list(groups().values()))
    m = matrix(fit, weights, rows)
    off = m - np.diag(np.diag(m))
    for row in fit.effects().to_dict("records"):
        receive = rows == row["receivers"] if row["receivers"] else np.ones(N, bool)
        send = rows == row["senders"] if row["senders"] else np.ones(N, bool)
        if row["component"] == "direct":
            expected = np.diag(m)[receive].mean()
        elif row["links"]:
            same = rows[:, None] == rows
            expected = (off * (same if row["links"] == "within" else ~same)).sum() / N
        else:
            size = send.sum() if by == "sender" else receive.sum()
            expected = off[np.ix_(receive, send)].sum() / size
        assert_allclose(row["estimate"], expected, **ROUNDING)


@pytest.mark.parametrize("by", BY)
def test_errors_follow_from_the_slopes_of_the_effects(panel, weights, by):
    from dataclasses import replace

    fit = fitted(panel, weights, by=by)
    base = fit.effects()["estimate"].to_numpy()
    used = [*(block.name for block in fit.blocks), "rho"]
    places, step, slopes = [fit.fit.names.index(name) for name in used], 1e-6, []
    for place in places:
        values = fit.fit.values.copy()
        values[place] += step
        moved = replace(fit, fit=replace(fit.fit, values=values)).effects()["estimate"].to_numpy()
        slopes.append((moved - base) / step)
    slopes = np.array(slopes).T
    cov = slopes @ fit.fit.covariance_matrix[np.ix_(places, places)] @ slopes.T
    assert_allclose(fit.covariance(), cov, rtol=1e-4, atol=1e-8)


def test_known_coefficients_are_found_and_told_apart(panel, weights):
    fit = fitted(panel, weights, by="sender")
    for group, b in OWN.items():
        place = fit.fit.names.index(f"x1[{group}]")
        error = np.sqrt(fit.fit.covariance_matrix[place, place])
        assert abs(fit.fit.values[place] - b) < STANDARD_ERRORS * error
    assert fit.equality("direct")["p_value"] < 1e-4 and fit.equality("indirect")["p_value"] < 1e-3


def test_given_and_received_are_one_sum(panel, weights):
    fit = fitted(panel, weights, by="directed")
    rows = fit.effects()
    directed = rows[rows["component"] == "indirect"]
    received = directed.groupby("receivers")["estimate"].sum()
    m = matrix(fit, weights, np.array(list(groups().values())))
    off = m - np.diag(np.diag(m))
    assert_allclose(received.mean() * N, off.sum(), **ROUNDING)


def test_groups_that_change_over_time_are_averaged_over_their_own_periods(panel, weights):
    member = np.repeat(np.where(np.arange(T) < 3, "early", "late")[:, None], N, axis=1)
    fit = fitted(panel, weights, groups=member)
    assert fit.groups == ("early", "late")
    early = matrix(fit, weights, np.array(["early"] * N))
    assert_allclose(fit.effects()["estimate"].iloc[0], np.diag(early).mean(), **ROUNDING)


def test_refusals_say_what_the_data_cannot_tell_apart(panel, weights):
    alone = {u: "a" if i else "b" for i, u in enumerate(labels(N))}
    with pytest.raises(IdentificationError, match="too few units"):
        fitted(panel, weights, groups=alone)
    with pytest.raises(DataError, match="without a group"):
        fitted(panel, weights, groups={labels(N)[0]: "a"})
    with pytest.raises(ConfigError, match="telling groups apart"):
        fitted(panel, weights, by="both")
    with pytest.raises(IdentificationError, match="between"):
        fitted(panel, weights, by="link", groups=dict.fromkeys(labels(N), "all"))
    with pytest.raises(DataError, match="among the regressors"):
        fitted(panel, weights, term="x3")
