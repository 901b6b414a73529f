import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuyi.analyses.convergence import clubs
from shuyi.errors import ConfigError, DataError
from shuyi.panel import Panel

ROUNDING = 1e-10
"""Logs of variances of relative deviations near one: cancellation takes four to five digits."""


def panel_of(x, transform=np.asarray):
    x = transform(np.asarray(x, float))
    units = tuple(f"u{i:02d}" for i in range(x.shape[1]))
    return Panel(x[:, :, None].copy(), units, tuple(range(2000, 2000 + len(x))), ("y",))


def two_clubs(T=40, seed=1, lone=True):
    """Units u00-u05 approach twice the common trend, u06-u11 once, u12 leaves upwards for ever."""
    rng = np.random.default_rng(seed)
    t = np.arange(1.0, T + 1)[:, None]
    level = np.repeat([2.0, 1.0], 6)
    start = rng.uniform(0.2, 0.4, 12) * np.tile([1, -1], 6)
    loading = level + (start + 0.01 * rng.normal(size=(T, 12))) / t
    if lone:
        loading = np.column_stack([loading, 3.0 + 0.1 * t])
    return 5.0 * loading * (1 + 0.02 * t)


def test_transition_paths_by_hand():
    x = np.array([[1.0, 3.0], [2.0, 2.0]])
    np.testing.assert_allclose(clubs.relative_transition(x), [[0.5, 1.5], [1.0, 1.0]])
    np.testing.assert_allclose(clubs.cross_section_variance(x), [0.25, 0.0])


def test_regression_against_statsmodels():
    import statsmodels.api as sm

    x = two_clubs()
    result = clubs.log_t_test(x)
    H = ((x / x.mean(1, keepdims=True) - 1) ** 2).mean(1)
    t = np.arange(13, 41)
    assert (result.first, result.n_points) == (13, 28)
    y = np.log(H[0] / H[12:]) - 2 * np.log(np.log(t))
    fit = sm.OLS(y, sm.add_constant(np.log(t))).fit()
    np.testing.assert_allclose([result.a, result.b], fit.params, rtol=ROUNDING)
    spread = ((np.log(t) - np.log(t).mean()) ** 2).sum()
    u = fit.resid
    np.testing.assert_allclose(result.std_error**2, long_run(u) / spread, rtol=ROUNDING)


def long_run(u):
    """Return the quadratic spectral estimate as a quadratic form in u, with linearmodels' kernel."""
    from linearmodels.iv.covariance import kernel_weight_quadratic_spectral

    n = len(u)
    weights = kernel_weight_quadratic_spectral(clubs.andrews_bandwidth(u), n - 1)
    lag = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return u @ weights[lag] @ u / n


def test_bandwidth_by_hand():
    """u = 1, .5, .25: r = (.5 + .125)/(1 + .25) = .5, alpha = 4 (.25)/(.5^4) = 16."""
    assert clubs.andrews_bandwidth(np.array([1.0, 0.5, 0.25])) == pytest.approx(1.3221 * 48**0.2)


def test_a_path_that_follows_the_model_gives_its_rate():
    """H_t = H_1 / (ln^2 t t^b) makes the regression exact: b is the exponent."""
    t = np.arange(1.0, 41)
    H = 0.1 / np.concatenate([[1.0], np.log(t[1:]) ** 2 * t[1:] ** 0.6])
    h = np.sqrt(H)
    x = np.column_stack([1 + h, 1 - h])
    result = clubs.log_t_test(x)
    assert result.b == pytest.approx(0.6, abs=1e-9)
    assert result.converges


def test_two_clubs_and_a_unit_of_its_own_are_found():
    result = clubs.club_convergence(panel_of(two_clubs()), "y", clubs.ClubSettings(transform="none"))
    assert not result.overall.converges
    assert [set(c.units) for c in result.clubs] == [
        {f"u{i:02d}" for i in range(6)},
        {f"u{i:02d}" for i in range(6, 12)},
    ]
    assert result.divergent == ("u12",)
    assert all(c.test.converges for c in result.clubs)
    frame = result.to_frame()
    assert frame["club"].tolist() == [1] * 6 + [2] * 6 + [0]
    assert result.tests_frame()["stage"].tolist() == ["overall", "initial", "initial", "merged", "merged"]
    assert len(result.paths_frame()) == 13 * 40
    np.testing.assert_allclose(result.transition.mean(axis=1), 1.0)


def test_logs_of_exponentials_are_the_same():
    x = two_clubs()
    one = clubs.club_convergence(panel_of(x), "y", clubs.ClubSettings(transform="none"))
    other = clubs.club_convergence(panel_of(x, np.exp), "y")
    assert one.club_of == other.club_of


def test_one_club_where_all_converge():
    x = two_clubs(lone=False)[:, :6]
    result = clubs.club_convergence(panel_of(x), "y", clubs.ClubSettings(transform="none"))
    assert [c.units for c in result.clubs] == [result.clubs[0].units]
    assert set(result.clubs[0].units) == set(result.units)
    assert result.divergent == ()


def test_merging_joins_neighbours_that_pass_together():
    x = two_clubs()
    loose = clubs.club_convergence(panel_of(x), "y", clubs.ClubSettings(transform="none", critical=-1e9))
    assert len(loose.clubs) == 1
    split = [tuple(range(3)), tuple(range(3, 6)), tuple(range(6, 12))]
    test = clubs._Test(x, clubs.DEFAULTS)
    assert clubs._merge(split, test) == [(tuple(range(6)), (1, 2)), (tuple(range(6, 12)), (3,))]


def test_the_sieve_gives_up_the_weakest_until_the_club_passes():
    """u12 drifts: alone with the core it may pass a low sieve, with all it must not break the club."""
    x = two_clubs()
    for sieve in (-1e6, 0.0):
        test = clubs._Test(x, clubs.ClubSettings(sieve=sieve))
        club = clubs._sieved((0, 1, 2), range(13), test)
        assert test(club).converges
        assert set(club) == {0, 1, 2, 3, 4, 5}


def test_trend_filter_is_that_of_statsmodels():
    from statsmodels.tsa.filters.hp_filter import hpfilter

    x = two_clubs()
    result = clubs.club_convergence(panel_of(x), "y", clubs.ClubSettings(transform="none", hp_smoothing=400))
    trend = np.column_stack([hpfilter(c, 400)[1] for c in x.T])
    np.testing.assert_allclose(result.transition, clubs.relative_transition(trend))


@given(st.permutations(range(13)), st.floats(0.1, 10))
def test_order_of_units_and_unit_of_levels_do_not_matter(order, scale):
    x = two_clubs()
    panel = panel_of(x)
    moved = panel_of(scale * x).select(units=[panel.units[i] for i in order])
    one = clubs.club_convergence(panel, "y", clubs.ClubSettings(transform="none")).club_of
    other = clubs.club_convergence(moved, "y", clubs.ClubSettings(transform="none")).club_of
    assert {unit: other[unit] for unit in one} == one


@pytest.mark.parametrize(("T", "share"), [(9, 0.19), (40, 0.01)])
def test_rejection_of_converging_panels_is_as_documented(T, share):
    """Over 300 panels a share has a standard deviation of at most .023."""
    rng = np.random.default_rng(7)
    t = np.arange(1.0, T + 1)[:, None]
    fade = 1 / (np.log(t + 1) * t**0.1)
    panels = (1 + rng.uniform(0.01, 0.14, 31) * rng.normal(size=(T, 31)) * fade for _ in range(300))
    rejected = np.mean([not clubs.log_t_test(x).converges for x in panels])
    assert rejected == pytest.approx(share, abs=0.07)


def test_what_cannot_be_tested_is_refused():
    x = two_clubs()
    with pytest.raises(DataError, match=r"4 periods of which 3 are used"):
        clubs.log_t_test(x[:4])
    with pytest.raises(DataError, match="two units"):
        clubs.log_t_test(x[:, :1])
    index = panel_of(np.clip(x / x.max(), 0.01, 1))
    with pytest.raises(DataError, match=r"after the logarithm.*\n.*\n.*transform='none'"):
        clubs.club_convergence(index, "y")
    with pytest.raises(DataError, match=r"positive values.*\n.*\n.*u03 in 2005 \(0\)"):
        spoilt = x.copy()
        spoilt[5, 3] = 0
        clubs.club_convergence(panel_of(spoilt), "y")
    with pytest.raises(ConfigError, match="did you mean 'last'"):
        clubs.club_convergence(panel_of(x), "y", clubs.ClubSettings(order="lasst"))


@pytest.mark.parametrize(
    ("T", "trim", "first"),
    [(34, 1 / 3, 12), (34, 0.3, 11), (17, 1 / 3, 7), (9, 0.3, 4), (8, 0.05, 2), (40, 0.25, 11)],
)
def test_a_share_of_the_periods_is_left_out(T, trim, first):
    """Published programs leave out the first round(r T) periods; those of 152 countries need 12."""
    assert clubs.log_t_test(two_clubs(T), trim=trim).first == first


def test_units_that_coincide_in_some_periods_stop_nothing():
    x = two_clubs()
    apart = clubs.club_convergence(panel_of(x), "y", clubs.ClubSettings(transform="none"))
    tied = x.copy()
    tied[20, 1], tied[0, 3] = tied[20, 0], tied[0, 2]
    pair, H = tied[:, [0, 1]], clubs.cross_section_variance(tied[:, [0, 1]])
    assert H[20] == 0
    found = clubs.log_t_test(pair)
    t = np.delete(np.arange(13, 41), 20 - 12)
    y = np.log(H[0] / H[t - 1]) - 2 * np.log(np.log(t))
    np.testing.assert_allclose([found.b, found.a], np.polyfit(np.log(t), y, 1), rtol=1e-9)
    assert found.n_points == 27
    again = clubs.club_convergence(panel_of(tied), "y", clubs.ClubSettings(transform="none"))
    assert again.club_of == apart.club_of


def test_units_that_coincide_throughout_are_of_one_club():
    x = two_clubs()
    x[:, 1] = x[:, 0]
    same = clubs.log_t_test(x[:, [0, 1]])
    assert same.converges and same.t == np.inf
    found = clubs.club_convergence(panel_of(x), "y", clubs.ClubSettings(transform="none")).club_of
    assert found["u00"] == found["u01"] > 0


@pytest.mark.parametrize(
    "setting",
    [
        {"trim": 0},
        {"trim": 1.0},
        {"trim": np.nan},
        {"hp_smoothing": np.inf},
        {"hp_smoothing": np.nan},
        {"critical": np.nan},
        {"sieve": -np.inf},
    ],
)
def test_settings_are_finite_and_in_range(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        clubs.ClubSettings(**setting)
