"""Autocorrelation: hand-worked values, exact permutation distributions, moments, LISA, refusals."""

from itertools import permutations

import numpy as np
import pytest

from shuyi import esda
from shuyi.errors import AlignmentError, ConfigError, DataError, WeightsError
from shuyi.esda import permutation
from shuyi.panel import Panel
from shuyi.weights import Weights, build_contiguity, build_inverse_distance, build_knn

EXACT = 1e-12
"""Sums of products of a few dozen numbers."""
DRAWS = 9999
MEAN_ERRORS = 4.5
"""Standard errors that the mean of the draws may lie from the analytic mean."""
VARIANCE_SHARE = 0.08
"""Relative deviation of the variance of the draws: about five standard errors at 9,999 draws."""
P_ERROR = 0.015
"""Of a p-value from 20,000 draws: four standard errors at most."""

N = 24
LABELS = tuple(f"u{i:02d}" for i in range(N))


def points() -> dict[str, tuple[float, float]]:
    rng = np.random.default_rng(3)
    return dict(zip(LABELS, map(tuple, rng.uniform((20, 80), (50, 130), (N, 2)).tolist()), strict=True))


def panel(seed: int = 5) -> Panel:
    values = np.random.default_rng(seed).gamma(2.0, size=(2, N, 2))
    return Panel(values, LABELS, (2016, 2017), ("x", "y"))


def lattice() -> dict[str, Weights]:
    return {
        "nearest": build_knn(LABELS, points(), k=3).normalise("row"),
        "distance": build_inverse_distance(LABELS, points()).normalise("spectral"),
    }


def path_of_four(values) -> tuple[Panel, Weights]:
    labels = ("a", "b", "c", "d")
    data = Panel(np.array(values, dtype=float).reshape(1, 4, 1), labels, (2020,), ("y",))
    return data, build_contiguity(labels, [("a", "b"), ("b", "c"), ("c", "d")])


def test_moran_and_geary_of_a_path_by_hand():
    data, w = path_of_four([1, 2, 3, 4])
    # z = (-1.5, -.5, .5, 1.5): sum over links 2 (.75 - .25 + .75) = 2.5, S0 = 6, z'z = 5.
    (row,) = esda.moran(data, w, ["y"], permutations=0, seed=1).rows
    np.testing.assert_allclose(row.value, 4 / 6 * 2.5 / 5, rtol=EXACT)
    np.testing.assert_allclose(row.expected, -1 / 3, rtol=EXACT)
    # Three links with squared difference one, counted twice: C = 3 * 6 / (2 * 6 * 5).
    (row,) = esda.geary(data, w, ["y"], permutations=0, seed=1).rows
    np.testing.assert_allclose(row.value, 0.3, rtol=EXACT)


def test_general_g_of_a_path_by_hand():
    data, w = path_of_four([1, 2, 3, 4])
    # Links 2 (2 + 6 + 12) = 40 over all pairs 100 - 30 = 70.
    (row,) = esda.getis_ord_g(data, w, ["y"], permutations=0, seed=1).rows
    np.testing.assert_allclose(row.value, 40 / 70, rtol=EXACT)
    assert np.isnan(row.variance_normal)


def test_randomisation_moments_equal_those_of_all_permutations():
    values = [1.0, 2.0, 4.0, 9.0]
    data, w = path_of_four(values)
    for statistic in (esda.moran, esda.geary, esda.getis_ord_g):
        (row,) = statistic(data, w, ["y"], permutations=0, seed=1).rows
        every = [
            statistic(path_of_four(order)[0], w, ["y"], permutations=0, seed=1).rows[0].value
            for order in permutations(values)
        ]
        np.testing.assert_allclose([row.expected, row.variance_random], [np.mean(every), np.var(every)])


@pytest.mark.parametrize("statistic", [esda.moran, esda.geary])
@pytest.mark.parametrize("name", ["nearest", "distance"])
def test_permutations_agree_with_the_analytic_moments(statistic, name):
    for row in statistic(panel(), lattice()[name], ["x", "y"], seed=11).rows:
        error = (row.mean_permuted - row.expected) / np.sqrt(row.variance_random / DRAWS)
        assert abs(error) < MEAN_ERRORS
        assert abs(row.variance_permuted / row.variance_random - 1) < VARIANCE_SHARE


def test_permutations_of_g_and_of_the_bivariate_statistic_agree_with_their_moments():
    w = lattice()["nearest"]
    rows = (
        *esda.getis_ord_g(panel(), w, ["x"], seed=11).rows,
        *esda.bivariate_moran(panel(), w, [("x", "y"), ("y", "x")], seed=11).rows,
    )
    for row in rows:
        error = (row.mean_permuted - row.expected) / np.sqrt(row.variance_random / DRAWS)
        assert abs(error) < MEAN_ERRORS
        assert abs(row.variance_permuted / row.variance_random - 1) < VARIANCE_SHARE


def test_bivariate_moran_of_a_variable_with_itself_is_moran():
    w = lattice()["nearest"]
    both = esda.bivariate_moran(panel(), w, [("x", "x")], permutations=0, seed=1).rows
    own = esda.moran(panel(), w, ["x"], permutations=0, seed=1).rows
    np.testing.assert_allclose([r.value for r in both], [r.value for r in own], rtol=EXACT)
    assert both[0].other == "x"


def test_p_values_approach_the_exact_distribution():
    data, w = path_of_four([1.0, 2.0, 4.0, 9.0])
    every = np.array(
        [
            esda.moran(path_of_four(o)[0], w, ["y"], permutations=0, seed=1).rows[0].value
            for o in permutations([1.0, 2.0, 4.0, 9.0])
        ]
    )
    for alternative in ("greater", "less", "two-sided"):
        (row,) = esda.moran(data, w, ["y"], permutations=20000, seed=2, alternative=alternative).rows
        tails = {
            "greater": (every >= row.value - EXACT).mean(),
            "less": (every <= row.value + EXACT).mean(),
        }
        exact = tails.get(alternative, min(1.0, 2 * min(tails.values())))
        assert abs(row.p_permuted - exact) < P_ERROR


def test_two_sided_p_is_twice_the_smaller_tail_with_the_observed_value_counted():
    calls = {
        alternative: esda.moran(panel(), lattice(), ["x"], permutations=199, seed=4, alternative=alternative)
        for alternative in ("two-sided", "greater", "less")
    }
    both, greater, less = ([r.p_permuted for r in calls[a].rows] for a in calls)
    np.testing.assert_allclose(both, np.minimum(1, 2 * np.minimum(greater, less)), rtol=EXACT)
    counts = np.array([*both, *greater, *less]) * 200
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)


def test_a_sample_is_the_same_whatever_else_is_computed_and_in_any_order_of_units():
    whole = esda.moran(panel(), lattice(), ["x", "y"], permutations=499, seed=9).to_frame()
    alone = esda.moran(panel(), lattice()["nearest"], ["y"], periods=[2017], permutations=499, seed=9).rows[0]
    same = whole.query("weights == 'nearest' and variable == 'y' and period == 2017").iloc[0]
    assert (alone.p_permuted, alone.mean_permuted) == (same.p_permuted, same.mean_permuted)
    backwards = LABELS[::-1]
    turned = esda.moran(
        panel().select(units=backwards),
        {name: w.reindex(backwards) for name, w in lattice().items()},
        ["x", "y"],
        permutations=499,
        seed=9,
    ).to_frame()
    np.testing.assert_array_equal(turned.p_permuted, whole.p_permuted)


def test_blocks_do_not_change_the_draws(monkeypatch):
    whole = esda.moran(panel(), lattice(), ["x"], permutations=499, seed=9)
    monkeypatch.setattr(permutation, "BLOCK_CELLS", 17 * N)
    assert esda.moran(panel(), lattice(), ["x"], permutations=499, seed=9) == whole


def test_rows_come_by_weights_variable_and_period_and_seed_matters():
    frame = esda.moran(panel(), lattice(), ["y", "x"], permutations=99, seed=9).to_frame()
    assert list(zip(frame.weights, frame.variable, frame.period, strict=True)) == [
        (w, v, t) for w in ("nearest", "distance") for v in ("y", "x") for t in (2016, 2017)
    ]
    other = esda.moran(panel(), lattice(), ["y", "x"], permutations=99, seed=10).to_frame()
    assert not np.array_equal(frame.p_permuted, other.p_permuted)


def test_sparse_and_dense_weights_give_the_same_statistics():
    dense = lattice()["nearest"]
    sparse = Weights(dense.to_sparse(), dense.labels, dense.kind, "row")
    for statistic in (esda.moran, esda.geary, esda.getis_ord_g):
        found = [statistic(panel(), w, ["x"], permutations=199, seed=3).to_frame() for w in (dense, sparse)]
        numbers = [f.select_dtypes("number") for f in found]
        np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-10)


def test_residuals_are_measured_by_year():
    residuals = panel()["x"]
    found = esda.residual_moran(
        residuals, LABELS, (2016, 2017), lattice()["nearest"], permutations=99, seed=1
    )
    expected = esda.moran(panel(), lattice()["nearest"], ["x"], permutations=99, seed=1)
    assert [r.value for r in found.rows] == [r.value for r in expected.rows]
    assert [r.variable for r in found.rows] == ["residual"] * 2


def test_local_moran_sums_to_global_moran():
    w = lattice()["nearest"]
    local = esda.local_moran(panel(), w, "x", 2016, permutations=99, seed=1)
    (row,) = esda.moran(panel(), w, ["x"], periods=[2016], permutations=0, seed=1).rows
    np.testing.assert_allclose(local.value.sum() / (N - 1), row.value, rtol=EXACT)


def test_conditional_moments_equal_those_of_all_conditional_permutations():
    labels = ("a", "b", "c", "d", "e")
    values = np.array([1.0, 2.0, 4.0, 9.0, 3.0])
    w = build_contiguity(labels, [("a", "b"), ("a", "c"), ("b", "d"), ("d", "e")]).normalise("row")

    def first_of(order):
        data = Panel(np.array([values[0], *order]).reshape(1, 5, 1), labels, (2020,), ("y",))
        return esda.local_moran(data, w, "y", 2020, permutations=1, seed=1)

    observed = first_of(values[1:])
    every = [first_of(order).value[0] for order in permutations(values[1:])]
    np.testing.assert_allclose(observed.expected[0], np.mean(every), rtol=1e-10)
    np.testing.assert_allclose(observed.variance[0], np.var(every), rtol=1e-10)


def test_local_p_values_approach_the_exact_conditional_distribution():
    labels = ("a", "b", "c", "d", "e")
    values = np.array([1.0, 2.0, 4.0, 9.0, 3.0])
    w = build_contiguity(labels, [("a", "b"), ("a", "c"), ("b", "d"), ("d", "e")]).normalise("row")
    data = Panel(values.reshape(1, 5, 1), labels, (2020,), ("y",))
    lag = [(p[0] + p[1]) / 2 for p in permutations(values[1:])]
    sign = np.sign(values[0] - values.mean())
    exact = np.mean(sign * np.array(lag) >= sign * 3.0)
    local = esda.local_moran(data, w, "y", 2020, permutations=20000, seed=1, alternative="greater")
    assert abs(local.p[0] - exact) < P_ERROR


def test_quadrants_and_clusters_follow_value_lag_and_threshold():
    data, w = clustered()
    local = esda.local_moran(data, w, "y", 2020, seed=1)
    assert local.quadrant[0] == "HH"
    assert local.quadrant[-1] == "LL"
    expected = [
        q if p <= 0.05 else esda.NOT_SIGNIFICANT for q, p in zip(local.quadrant, local.p, strict=True)
    ]
    assert list(local.cluster) == expected
    assert {"HH", "LL", esda.NOT_SIGNIFICANT} <= set(local.cluster)


def clustered() -> tuple[Panel, Weights]:
    values = np.concatenate([np.linspace(10, 9, 6), np.tile([5.0, 6.0], 6), np.linspace(2, 1, 6)])
    pairs = [(LABELS[i], LABELS[i + step]) for step in (1, 2) for i in range(N - step)]
    data = Panel(values.reshape(1, N, 1), LABELS, (2020,), ("y",))
    return data, build_contiguity(LABELS, pairs).normalise("row")


def test_false_discovery_rate_keeps_the_benjamini_hochberg_set():
    data, w = clustered()
    plain = esda.local_moran(data, w, "y", 2020, seed=1)
    fdr = esda.local_moran(data, w, "y", 2020, seed=1, fdr=True)
    order = np.argsort(plain.p)
    passing = np.flatnonzero(plain.p[order] <= 0.05 * np.arange(1, N + 1) / N)
    kept = set(order[: passing.max() + 1]) if passing.size else set()
    assert {i for i, c in enumerate(fdr.cluster) if c != esda.NOT_SIGNIFICANT} == kept
    assert fdr.threshold < plain.threshold == 0.05


def test_an_island_has_no_local_p_value():
    data, _ = clustered()
    pairs = [(LABELS[i], LABELS[i + 1]) for i in range(N - 2)]
    w = build_contiguity(LABELS, pairs, islands="keep").normalise("row")
    local = esda.local_moran(data, w, "y", 2020, permutations=99, seed=1, fdr=True)
    assert np.isnan(local.p[-1])
    assert local.cluster[-1] == esda.NO_NEIGHBOURS
    assert local.value[-1] == 0.0


def test_local_moran_does_not_depend_on_the_order_of_units():
    data, w = clustered()
    backwards = LABELS[::-1]
    found = esda.local_moran(data, w, "y", 2020, permutations=199, seed=1).to_frame().set_index("unit")
    turned = esda.local_moran(
        data.select(units=backwards), w.reindex(backwards), "y", 2020, permutations=199, seed=1
    )
    assert turned.units == backwards
    again = turned.to_frame().set_index("unit").loc[list(LABELS)]
    np.testing.assert_array_equal(again.p, found.p)
    assert list(again.cluster) == list(found.cluster)


def test_several_periods_come_one_below_the_other():
    w = lattice()["nearest"]
    frame = esda.local_morans(panel(), w, "x", [2017, 2016], permutations=99, seed=1, name="nearest")
    assert list(frame.period) == [2017] * N + [2016] * N
    first = esda.local_moran(panel(), w, "x", 2017, permutations=99, seed=1, name="nearest").to_frame()
    assert first.equals(frame[:N])


def test_scatter_slope_is_moran_for_row_standardised_weights():
    scatter = esda.moran_scatter(panel(), lattice()["nearest"], "x", 2016, name="nearest")
    np.testing.assert_allclose(scatter.slope, scatter.moran, rtol=EXACT)
    np.testing.assert_allclose(np.polyfit(scatter.z, scatter.lag, 1), [scatter.slope, scatter.intercept])
    np.testing.assert_allclose([scatter.z.mean(), scatter.z.std()], [0, 1], atol=EXACT)
    frame = scatter.to_frame()
    assert list(frame.columns) == ["variable", "period", "weights", "unit", "z", "lag", "quadrant"]


def test_the_callers_weights_stay_as_they_are():
    w = lattice()["distance"]
    before = w.to_dense().copy()
    esda.getis_ord_g(panel(), lattice()["nearest"], ["x"], permutations=9, seed=1)
    esda.moran(panel(), w, ["x"], permutations=9, seed=1)
    esda.local_moran(panel(), w, "x", 2016, permutations=9, seed=1)
    np.testing.assert_array_equal(w.to_dense(), before)


def test_without_permutations_their_fields_are_empty():
    (row, *_) = esda.moran(panel(), lattice()["nearest"], ["x"], permutations=0, seed=1).rows
    assert np.isnan(row.p_permuted)
    assert row.permutations == 0


def broken(value: float) -> Panel:
    values = panel().values.copy()
    values[1, 4, 0] = value
    return Panel(values, LABELS, (2016, 2017), ("x", "y"))


def test_unusable_data_are_refused_by_name():
    w = lattice()["nearest"]
    constant = Panel(np.full((1, N, 1), 0.1), LABELS, (2016,), ("x",))
    with pytest.raises(DataError, match=r"'x' does not vary in 2016(.|\n)*0\.1 for all 24"):
        esda.moran(constant, w, ["x"], seed=1)
    with pytest.raises(DataError, match=r"missing values in 2017(.|\n)*missing: u04"):
        esda.moran(broken(np.nan), w, ["x"], seed=1)
    with pytest.raises(DataError, match=r"negative values(.|\n)*u04 = -3"):
        esda.getis_ord_g(broken(-3.0), w, ["x"], seed=1)
    with pytest.raises(DataError, match="at least 4 units"):
        esda.moran(panel().select(units=LABELS[:3]), w.subset(LABELS[:3]), ["x"], seed=1)


def test_unusable_weights_and_settings_are_refused():
    w = lattice()
    with pytest.raises(AlignmentError, match="another order"):
        esda.moran(panel(), w["nearest"].reindex(LABELS[::-1]), ["x"], seed=1)
    with pytest.raises(WeightsError, match="join all pairs"):
        esda.getis_ord_g(panel(), w["distance"], ["x"], seed=1)
    with pytest.raises(WeightsError, match="all zero"):
        esda.moran(panel(), Weights(np.zeros((N, N)), LABELS), ["x"], seed=1)
    with pytest.raises(DataError, match="did you mean 'two-sided'"):
        esda.moran(panel(), w["nearest"], ["x"], seed=1, alternative="two.sided")
    with pytest.raises(ConfigError, match="at least 1"):
        esda.local_moran(panel(), w["nearest"], "x", 2016, permutations=0, seed=1)
