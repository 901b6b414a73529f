from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuyi.analyses.convergence import convergence
from shuyi.china.regions import province_grouping
from shuyi.errors import ConfigError, DataError
from shuyi.panel import Panel
from shuyi.regions import Grouping
from shuyi.weights import Weights

NOISE = 1e-5  # noise of size 1e-7 in levels that differ by about one
ROUNDING = 1e-9
"""Least squares with 31 to 248 rows and coefficients of order one."""
SEARCH = 1e-5
"""Two searches of rho that stop where the likelihood is flat to rounding."""
SPEED = 0.05
ROOT = Path(__file__).parents[4] / "data" / "snapshot"


def almost_nothing():
    """Return noise without which the equation would be exact, and refused."""
    return 1e-7 * np.random.default_rng(5).normal(size=(9, 8))


def converging(n=8, T=9, speed=SPEED, noise=0.0, seed=1, steady=None):
    """Log levels that close the share 1 - exp(-speed) of the gap to their steady state every year."""
    rng = np.random.default_rng(seed)
    goal = np.full(n, 10.0) if steady is None else steady
    logs = [goal + np.linspace(-1, 1, n)]
    for _ in range(T - 1):
        logs.append(logs[-1] + (1 - np.exp(-speed)) * (goal - logs[-1]) + noise * rng.normal(size=n))
    return np.array(logs)


def panel_of(**variables):
    layers = [np.asarray(v, float) for v in variables.values()]
    T, n = layers[0].shape
    units = tuple(f"{i:02d}" for i in range(n))
    return Panel(np.stack(layers, axis=2), units, tuple(range(2016, 2016 + T)), tuple(variables))


def halves(panel):
    n = panel.n
    return Grouping("halves", panel.units, ("low",) * (n // 2) + ("high",) * (n - n // 2))


@pytest.fixture(scope="module")
def income():
    rows = pd.read_csv(ROOT / "provincial_figures.csv", dtype={"province_code": str})
    wide = rows[rows["indicator"] == "disposable_income_pc"].set_index(["province_code", "year"])[["value"]]
    panel = Panel.from_frame(wide.rename(columns={"value": "income"}))
    urban = np.random.default_rng(5).uniform(0.3, 0.9, (panel.T, panel.n))
    return panel.with_variables({"urban": urban})


@pytest.fixture(scope="module")
def neighbours(income):
    links = pd.read_csv(ROOT / "adjacency.csv", dtype=str)
    frame = pd.DataFrame(0.0, index=list(income.units), columns=list(income.units))
    for a, b in [*links.iloc[:, :2].itertuples(index=False), ("440000", "460000")]:
        frame.loc[a, b] = frame.loc[b, a] = 1.0
    return Weights.from_frame(frame).normalise("row")


def test_sigma_by_hand():
    panel = panel_of(y=np.tile([1.0, 2.0, 3.0, 4.0], (5, 1)))
    result = convergence.sigma_convergence(panel, "y", halves(panel))
    assert result.regions == ("all", "high", "low")
    np.testing.assert_allclose(result.cv[0], [np.sqrt(1.25) / 2.5, 0.5 / 3.5, 0.5 / 1.5])
    np.testing.assert_allclose(result.sd_log[0, 1:], [np.log(4 / 3) / 2, np.log(2) / 2])
    frame = result.to_frame()
    assert frame.columns[:2].tolist() == ["region_scheme", "variable"]
    assert frame["n_units"].tolist()[:3] == [4, 2, 2]


def test_sigma_trend_of_the_converging_panel():
    """The standard deviation shrinks by exp(-speed) a year; the error is checked by leaving out units."""
    logs = converging()
    result = convergence.sigma_convergence(panel_of(y=np.exp(logs)), "y")
    np.testing.assert_allclose(result.sd_log[1:, 0] / result.sd_log[:-1, 0], np.exp(-SPEED))
    trend = next(t for t in result.trends if t.measure == "sd_log")
    assert (trend.verdict, trend.df) == ("convergence", 7)
    years = np.arange(9.0)
    left = [np.polyfit(years, np.delete(logs, i, axis=1).std(axis=1), 1)[0] for i in range(8)]
    error = np.sqrt(7 / 8 * ((left - np.mean(left)) ** 2).sum())
    slope = np.polyfit(years, result.sd_log[:, 0], 1)[0]
    np.testing.assert_allclose([trend.slope, trend.std_error], [slope, error], rtol=ROUNDING)


def test_sigma_of_logs_is_that_of_levels():
    logs = converging(noise=0.05)
    level = convergence.sigma_convergence(panel_of(y=np.exp(logs)), "y")
    log = convergence.sigma_convergence(panel_of(y=logs), "y", scale="log")
    np.testing.assert_allclose(level.cv, log.cv)
    np.testing.assert_allclose(level.sd_log, log.sd_log)


def test_a_region_of_one_unit_has_no_dispersion():
    panel = panel_of(y=np.exp(converging(n=4)))
    grouping = Grouping("s", panel.units, ("a", "b", "b", "b"))
    result = convergence.sigma_convergence(panel, "y", grouping)
    assert np.isnan(result.cv[:, 1]).all()
    trends = result.trends_frame()
    assert trends[trends["region"] == "a"]["verdict"].tolist() == ["one unit", "one unit"]
    beta = convergence.cross_section_beta(panel, "y", grouping=grouping).to_frame()
    assert beta["status"].tolist()[1] == "1 units leave 0 residual degrees of freedom"
    assert beta["b"].isna().tolist() == [True, True, True]


@pytest.mark.parametrize("span", [1, 2, 4, 8])
def test_the_speed_is_recovered_whatever_the_interval(span):
    panel = panel_of(y=np.exp(converging() + almost_nothing()))
    (row,) = convergence.panel_beta(panel, "y", span=span, effects="pooled", covariance="information").rows
    np.testing.assert_allclose(row.b, np.exp(-SPEED * span) - 1, rtol=NOISE)
    np.testing.assert_allclose([row.speed, row.half_life], [SPEED, np.log(2) / SPEED], rtol=NOISE)
    assert (row.first, row.last, row.span) == (2016, 2024, span)


def test_unit_effects_recover_the_speed_towards_own_steady_states():
    goals = np.random.default_rng(2).normal(10, 1, 8)
    panel = panel_of(y=np.exp(converging(steady=goals) + almost_nothing()))
    (conditional,) = convergence.panel_beta(panel, "y", effects="individual").rows
    np.testing.assert_allclose(conditional.speed, SPEED, rtol=NOISE)
    (absolute,) = convergence.cross_section_beta(panel, "y").rows
    assert abs(absolute.speed - SPEED) > 0.01


def test_cross_section_against_the_normal_equations(income):
    (row,) = convergence.cross_section_beta(income, "income", controls=["urban"], covariance="nonrobust").rows
    logs = np.log(income["income"])
    x = np.column_stack([np.ones(31), logs[0], income["urban"][0]])
    y = logs[-1] - logs[0]
    b = np.linalg.solve(x.T @ x, x.T @ y)
    s2 = ((y - x @ b) ** 2).sum() / 28
    errors = np.sqrt(s2 * np.diag(np.linalg.inv(x.T @ x)))
    np.testing.assert_allclose(row.values, b, rtol=1e-7)
    np.testing.assert_allclose(row.std_errors, errors, rtol=1e-7)
    assert (row.df_resid, row.span, row.names) == (28, 8, ("const", "initial", "urban"))


def test_panel_against_dummies(income):
    import statsmodels.api as sm

    (row,) = convergence.panel_beta(income, "income", controls=["urban"], covariance="information").rows
    logs = np.log(income["income"])
    units, years = np.kron(np.ones((8, 1)), np.eye(31)), np.kron(np.eye(8), np.ones((31, 1)))[:, 1:]
    x = np.column_stack([logs[:-1].ravel(), income["urban"][:-1].ravel(), units, years])
    fit = sm.OLS(np.diff(logs, axis=0).ravel(), x).fit()
    np.testing.assert_allclose(row.values, fit.params[:2], rtol=1e-7)
    np.testing.assert_allclose(row.std_errors, fit.bse[:2], rtol=1e-7)
    assert row.df_resid == fit.df_resid


def test_regions_are_estimated_on_their_own(income):
    grouping = province_grouping("nbs4", income.units)
    result = convergence.panel_beta(income, "income", grouping=grouping)
    frame = result.to_frame()
    assert frame["region"].tolist() == ["all", "Central", "East", "Northeast", "West"]
    assert frame["n_units"].tolist() == [31, 6, 10, 3, 12]
    alone = income.select(units=grouping.members("West"))
    (row,) = convergence.panel_beta(alone, "income").rows
    np.testing.assert_allclose(frame["b"].iloc[-1], row.b, rtol=ROUNDING)
    assert set(result.coefficients_frame()["region_scheme"]) == {"nbs4"}


def test_speed_by_hand():
    found = convergence.speed_of_convergence(-0.5, 0.1, 10)
    np.testing.assert_allclose(found, [np.log(2) / 10, 0.1 / 5, 10.0])
    assert np.isnan(convergence.speed_of_convergence(-1.2, 0.1, 10)).all()
    diverging = convergence.speed_of_convergence(0.5, 0.1, 10)
    assert diverging.speed < 0
    assert np.isnan(diverging.half_life)


@given(st.floats(-0.95, 2.0), st.integers(1, 20))
def test_speed_inverts_the_coefficient(b, span):
    found = convergence.speed_of_convergence(b, 0.1, span)
    np.testing.assert_allclose(np.exp(-found.speed * span) - 1, b, atol=1e-12)
    step = 1e-6
    slope = convergence.speed_of_convergence(b + step, 0, span).speed - found.speed
    np.testing.assert_allclose(found.std_error, 0.1 * abs(slope) / step, rtol=1e-3)


def test_spatial_rows_are_the_fits_numbers(income, neighbours):
    from shuyi.spatialpanel import SDM

    result = convergence.spatial_beta(income, "income", neighbours, controls=["urban"], name="contiguity")
    frame = result.to_frame()
    assert frame["model"].tolist() == [m for m in ("sar", "sem", "sdm") for _ in range(3)]
    data = convergence.growth_panel(income, "income", controls=["urban"])
    fit = SDM(data, neighbours, outcome="growth", regressors=["initial", "urban"]).fit()
    sdm = frame[frame["model"] == "sdm"].set_index("basis")
    np.testing.assert_allclose(sdm.loc["coefficient", "estimate"], fit["initial"], rtol=ROUNDING)
    total = (fit["initial"] + fit["W_initial"]) / (1 - fit["rho"])
    np.testing.assert_allclose(sdm.loc["total", "estimate"], total, rtol=1e-8)
    np.testing.assert_allclose(sdm.loc["total", "speed"], -np.log1p(total), rtol=1e-8)
    sem = frame[frame["model"] == "sem"]
    assert sem["rho"].isna().all()
    np.testing.assert_allclose(sem["estimate"], sem["estimate"].iloc[0], rtol=ROUNDING)
    np.testing.assert_allclose(sem["std_error"], sem["std_error"].iloc[0], rtol=ROUNDING)
    assert set(frame["weights"]) == {"contiguity"}


@pytest.mark.filterwarnings("ignore")
def test_cross_section_of_spatial_models_against_spreg(income, neighbours):
    from spreg import ML_Error, ML_Lag

    result = convergence.spatial_beta(
        income, "income", neighbours, models=["sar", "sem"], span=None, effects="pooled"
    )
    logs = np.log(income["income"])
    y, x, w = (logs[-1] - logs[0])[:, None], logs[0][:, None], neighbours.to_graph().to_W()
    for model, peer in (("sar", ML_Lag(y, x, w=w)), ("sem", ML_Error(y, x, w=w))):
        row = next(r for r in result.rows if r.model == model and r.basis == "coefficient")
        spatial = row.rho if model == "sar" else row.lam
        np.testing.assert_allclose(
            [row.estimate, spatial], [peer.betas[1, 0], peer.betas[-1, 0]], rtol=SEARCH
        )
        assert row.span == 8
        np.testing.assert_allclose(row.speed, -np.log1p(row.estimate) / 8, rtol=ROUNDING)


def test_growth_panel_by_hand():
    panel = panel_of(y=np.exp([[1.0, 2.0], [1.5, 2.5], [3.0, 2.0]]), c=[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    data = convergence.growth_panel(panel, "y", controls=["c"])
    assert data.periods == (2017, 2018)
    np.testing.assert_allclose(data["growth"], [[0.5, 0.5], [1.5, -0.5]])
    np.testing.assert_allclose(data["initial"], [[1.0, 2.0], [1.5, 2.5]])
    np.testing.assert_allclose(data["c"], [[1.0, 2.0], [3.0, 4.0]])
    assert convergence.growth_panel(panel, "y", span=None).periods == (2018,)


def test_what_cannot_be_estimated_is_refused(neighbours, income):
    logs = converging()
    panel = panel_of(y=np.exp(logs))
    with pytest.raises(DataError, match=r"fill the period.*\n.*divides 8 years"):
        convergence.panel_beta(panel, "y", span=3)
    with pytest.raises(DataError, match=r"evenly spaced.*\n.*gaps of 1, 2"):
        convergence.panel_beta(panel.select(periods=[2016, 2017, 2019]), "y")
    spoilt = np.exp(logs)
    spoilt[2, 3] = 0
    for function in (convergence.sigma_convergence, convergence.cross_section_beta, convergence.panel_beta):
        with pytest.raises(DataError, match=r"positive values.*\n.*\n.*03 in 2018 \(0\)"):
            function(panel_of(y=spoilt), "y")
    with pytest.raises(DataError, match="Too few periods"):
        convergence.sigma_convergence(panel.select(periods=[2016, 2017, 2018, 2019]), "y")
    with pytest.raises(ConfigError, match="did you mean 'level'"):
        convergence.cross_section_beta(panel, "y", scale="levels")
    with pytest.raises(ConfigError, match="one of sar, sem, sdm"):
        convergence.spatial_beta(income, "income", neighbours, models=["gns"])
