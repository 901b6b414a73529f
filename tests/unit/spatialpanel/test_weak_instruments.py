"""Weak-instrument statistics: linearmodels, leaving units out, printed critical values, another package."""

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv import IV2SLS
from numpy.testing import assert_allclose

from shuyi.errors import IdentificationError
from shuyi.spatialpanel.iv.weak import ConfidenceSet, ReducedForm, effective_critical, tf_critical

# Two ways to the same linear algebra in double precision.
ROUNDING = {"rtol": 1e-9, "atol": 1e-11}
# The printed table of Lee et al. (2022) has two decimals and is rounded up.
PRINTED = 0.011
# Ends of sets are refined to 1e-9 of a half circle; those of the other package are exact.
ENDS = 1e-6
T, N = 6, 20


def case(strength):
    rng = np.random.default_rng(7)
    z, u, c = rng.standard_normal((T, N, 2)), rng.standard_normal((T, N)), rng.standard_normal((T, N, 1))
    first = strength * z[..., 0] + 0.5 * u + rng.standard_normal((T, N))
    second = strength * 0.8 * z[..., 1] - 0.2 * z[..., 0] + 0.5 * u + rng.standard_normal((T, N))
    x = np.stack([first, second], axis=2)
    return x @ [1.0, 0.5] + c[..., 0] + u, x, z, c


def form(strength, kind, m=2, q=2):
    y, x, z, c = case(strength)
    return ReducedForm.of(y, x[..., :m], z[..., :q], c, absorbed=0, kind=kind)


def linear(strength, m=2):
    y, x, z, c = case(strength)
    rows = [
        pd.DataFrame(a.reshape(T * N, -1)).add_prefix(p) for a, p in ((c, "c"), (x[..., :m], "x"), (z, "z"))
    ]
    return IV2SLS(pd.Series(y.ravel()), *rows)


@pytest.mark.parametrize("m", [1, 2])
def test_two_stage_least_squares_is_that_of_linearmodels(m):
    found = form(0.9, "unadjusted", m).two_stage
    assert_allclose(found[0], linear(0.9, m).fit().params.iloc[1:], **ROUNDING)


def test_clustered_errors_and_first_stages_are_those_of_linearmodels():
    own = form(0.9, "clustered")
    result = linear(0.9).fit(cov_type="clustered", clusters=np.tile(np.arange(N), T))
    factor = N / (N - 1) * (T * N - 1) / (T * N - 3)
    assert_allclose(
        np.sqrt(np.diag(own.two_stage[1])), np.sqrt(factor) * result.std_errors.iloc[1:], **ROUNDING
    )
    wald = result.first_stage.diagnostics["f.stat"].to_numpy()
    assert_allclose(own.first_stage_f(), wald / factor / own.q, **ROUNDING)


def test_the_jackknife_is_that_of_leaving_units_out():
    y, _, z, c = case(0.9)
    columns = np.concatenate([z, c], axis=2)

    def slopes(kept):
        a, b = columns[:, kept].reshape(-1, 3), y[:, kept].ravel()
        return np.linalg.lstsq(a, b, rcond=None)[0][:2]

    whole = slopes(list(range(N)))
    moved = np.stack([slopes([j for j in range(N) if j != i]) - whole for i in range(N)])
    assert_allclose(
        form(0.9, "cluster_jackknife").covariance[0, 0], (N - 1) / N * moved.T @ moved, **ROUNDING
    )


# ivmodels 0.10.0 (BSD) on `case`: inverse_anderson_rubin_test with critical_values "f", rank_test.
OTHER = {
    (0.9, 2): (5.5430812994082626, 54.94980394522615),
    (0.12, 2): (5.543081299408263, 4.471772132804217),
}
SETS = {
    (0.9, 0): ((1.0707200992692425, 1.4067145277907322),),
    (0.9, 1): ((0.30909026300122633, 0.7927767765250425),),
    (0.12, 0): ((-np.inf, np.inf),),
}


@pytest.mark.parametrize("key", OTHER)
def test_anderson_rubin_and_rank_are_those_of_ivmodels(key):
    own = form(key[0], "unadjusted")
    assert_allclose((own.anderson_rubin([1.0, 0.5]), own.rank.statistic), OTHER[key], rtol=1e-8)


@pytest.mark.parametrize("key", SETS)
def test_projected_sets_are_those_of_ivmodels(key):
    found = form(key[0], "unadjusted").confidence_set(np.eye(2)[key[1]])
    assert_allclose(found.pieces, SETS[key], atol=ENDS)


def test_sets_of_one_regressor_are_those_of_ivmodels():
    assert form(0.9, "unadjusted", 1).confidence_set([1.0]).kind == "empty"
    found = form(0.12, "unadjusted", 1).confidence_set([1.0])
    assert_allclose(found.pieces, ((0.9706945890979071, 2.3343660529627774),), atol=ENDS)


@pytest.mark.parametrize("strength", [0.9, 0.05])
def test_a_set_of_one_regressor_with_one_instrument_is_a_quadratic(strength):
    from scipy.stats import f

    own = form(strength, "cluster_jackknife", 1, 1)
    (a, b), v = own.slopes[0], own.covariance[:, :, 0, 0]
    c = f.ppf(0.95, 1, own.df)
    roots = np.sort(np.roots([b**2 - c * v[1, 1], -2 * (a * b - c * v[0, 1]), a**2 - c * v[0, 0]]))
    found = own.confidence_set([1.0])
    assert found.bounded == (own.first_stage_f()[0] > c)
    if found.kind == "interval":
        assert_allclose(found.pieces[0], roots.real, atol=ENDS)


def test_the_estimate_lies_in_its_set_where_the_equation_is_just_identified():
    own = form(0.9, "cluster_jackknife")
    b = own.two_stage[0]
    assert own.anderson_rubin(b) < 1e-12
    assert all(b[j] in own.confidence_set(np.eye(2)[j]) for j in range(2))


def test_effective_f_is_the_first_stage_f_under_homoskedasticity_and_with_one_instrument():
    own = form(0.9, "unadjusted")
    assert_allclose([e.statistic for e in own.effective_f()], own.first_stage_f(), rtol=1e-9)
    one = form(0.9, "cluster_jackknife", 1, 1)
    assert_allclose(one.effective_f()[0].statistic, one.first_stage_f()[0], rtol=1e-9)


def test_critical_values_of_the_effective_f():
    # Montiel Olea and Pflueger (2013, table 1): 23.1 with one instrument, bias 10 %, level 5 %.
    assert round(effective_critical(np.eye(1), np.eye(1)), 1) == 23.1
    assert effective_critical(np.eye(4), np.eye(4)) < 23.1


def test_critical_values_of_t_given_f_are_the_printed_ones():
    # Lee, McCrary, Moreira and Porter (2022, table 3): c by the root of F; 1.96 above F = 104.7.
    printed = {2.0: 18.66, 2.1: 9.74, 2.5: 4.92, 3.0: 3.65, 4.0: 2.80, 5.0: 2.46, 6.0: 2.27, 7.0: 2.16}
    found = {root: tf_critical(root**2) for root in printed}
    assert_allclose(list(found.values()), list(printed.values()), atol=PRINTED)
    assert tf_critical(104.2) > 1.96 > tf_critical(105.5)
    assert tf_critical(3.84) == np.inf


def test_t_with_these_critical_values_keeps_its_level_at_the_worst_endogeneity():
    from scipy.stats import norm

    grid = np.linspace(-14, 24, 400_001)
    for mean in (0.5, 1.5, 3.0, 6.0):
        t = np.abs(grid * (grid - mean) / mean)
        limits = np.interp(np.abs(grid), *map(np.array, zip(*curve(), strict=True)), left=np.inf)
        rejected = norm.pdf(grid - mean) * (t > limits)
        assert_allclose(np.trapezoid(rejected, grid), 0.05, atol=2e-3)


def curve():
    roots = np.concatenate([np.linspace(1.961, 3, 2000), np.linspace(3.001, 12, 2000)])
    return [(r, min(tf_critical(r**2), 1e6)) for r in roots]


def test_kinds_of_sets():
    inf = float("inf")
    kinds = {
        (): "empty",
        ((0.0, 1.0),): "interval",
        ((0.0, 1.0), (2.0, 3.0)): "union",
        ((-inf, 0.0), (1.0, inf)): "rays",
        ((0.0, inf),): "half_line",
        ((-inf, inf),): "line",
    }
    assert [ConfidenceSet(p, 0.95).kind for p in kinds] == list(kinds.values())


def test_refusals_say_what_to_do():
    y, x, z, c = case(0.9)
    with pytest.raises(IdentificationError, match="under-identified"):
        ReducedForm.of(y, x, z[..., :1], c, absorbed=0)
    with pytest.raises(IdentificationError, match="changes over time"):
        ReducedForm.of(y, x[..., :1], np.zeros_like(z[..., :1]), c, absorbed=0)
    three = np.concatenate([x, c], axis=2)
    wide = np.concatenate([z, z[..., :1] ** 2], axis=2)
    with pytest.raises(IdentificationError, match="at most two"):
        ReducedForm.of(y, three, wide, None, absorbed=0).confidence_set([1.0, 0.0, 0.0])


@pytest.mark.parametrize(("strength", "n"), [(0.3, 31), (0.05, 31)])
def test_the_anderson_rubin_test_keeps_its_level_with_serial_correlation(strength, n):
    from scipy.stats import f

    rng, rejected, draws = np.random.default_rng(3), 0, 300
    critical = f.ppf(0.95, 1, n - 1)
    for _ in range(draws):
        z, e, v = rng.standard_normal((3, 8, n)).cumsum(axis=1)
        x = strength * z + e + v
        own = ReducedForm.of(
            *(a - a.mean(axis=0) for a in (x + e,)),
            *((a - a.mean(axis=0))[..., None] for a in (x, z)),
            None,
            absorbed=n,
        )
        rejected += own.anderson_rubin([1.0]) > critical
    # Four binomial errors of 300 draws at 5 %.
    assert abs(rejected / draws - 0.05) < 4 * np.sqrt(0.05 * 0.95 / draws)
