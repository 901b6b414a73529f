from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shuyi.analyses.inequality import decomposition
from shuyi.china.regions import province_grouping
from shuyi.errors import AlignmentError, DataError, WeightsError
from shuyi.panel import Panel
from shuyi.regions import OUTSIDE, Grouping
from shuyi.weights import Weights

ROUNDING = 1e-12
"""Sums of at most 31 x 31 products of numbers near one."""
SNAPSHOT = Path(__file__).parents[4] / "data" / "snapshot" / "provincial_figures.csv"


def panel_of(*years, population=None, first=2016):
    y = np.array(years, float)
    layers, names = [y], ["y"]
    if population is not None:
        layers.append(np.broadcast_to(np.array(population, float), y.shape))
        names.append("people")
    units = tuple("abcdefghijklmnopqrstuvwxyz"[: y.shape[1]])
    periods = tuple(range(first, first + len(y)))
    return Panel(np.stack(layers, axis=2), units, periods, tuple(names))


def groups(panel, labels, scheme="halves"):
    return Grouping(scheme, panel.units, tuple(labels))


@pytest.fixture(scope="module")
def income():
    rows = pd.read_csv(SNAPSHOT, dtype={"province_code": str})
    wide = rows.pivot_table(index=["province_code", "year"], columns="indicator", values="value")
    return Panel.from_frame(wide[["disposable_income_pc", "population_resident"]].dropna())


def test_theil_by_hand():
    """Totals 1, 3 | 4, 8 of 16: shares 1/16, 3/16, 1/4, 1/2; regions 1/4 and 3/4 of the total."""
    panel = panel_of([1, 3, 4, 8])
    result = decomposition.theil(panel, "y", groups(panel, "AABB"))
    s = np.array([1, 3, 4, 8]) / 16
    total = (s * np.log(4 * s)).sum()
    between = 0.25 * np.log(0.5) + 0.75 * np.log(1.5)
    np.testing.assert_allclose(result.total, total, rtol=ROUNDING)
    np.testing.assert_allclose(result.between, between, rtol=ROUNDING)
    inside = [0.25 * np.log(0.5) + 0.75 * np.log(1.5), np.log(2 / 3) / 3 + 2 * np.log(4 / 3) / 3]
    np.testing.assert_allclose(result.region_theil[0], inside, rtol=ROUNDING)
    np.testing.assert_allclose(result.within, 0.25 * inside[0] + 0.75 * inside[1], rtol=ROUNDING)


def test_theil_parts_add_up_on_the_provinces(income):
    for scheme in ("belt3", "nbs4", "north_south", "clusters"):
        for population in (None, "population_resident"):
            grouping = province_grouping(scheme, income.units)
            r = decomposition.theil(income, "disposable_income_pc", grouping, population=population)
            assert (r.between > 0).all()
            np.testing.assert_allclose(r.between + r.within, r.total, rtol=ROUNDING)
            np.testing.assert_allclose(r.region_between.sum(1), r.between, rtol=1e-10)
            np.testing.assert_allclose(r.region_within.sum(1), r.within, rtol=1e-10)
            np.testing.assert_allclose((r.unit_between + r.unit_within).sum(1), r.total, rtol=1e-10)


def test_theil_of_regions_is_the_library_index_of_their_units(income):
    from inequality.theil import Theil

    grouping = province_grouping("nbs4", income.units)
    result = decomposition.theil(income, "disposable_income_pc", grouping)
    y = income["disposable_income_pc"]
    for g, region in enumerate(grouping.regions):
        inside = np.array([m == region for m in grouping.membership])
        np.testing.assert_allclose(result.region_theil[:, g], Theil(y[:, inside].T).T, rtol=1e-10)


def test_population_weights_are_replication():
    """A unit of three heads counts like three units of one head."""
    weighted = panel_of([1, 4, 2], population=[3, 1, 2])
    copied = panel_of([1, 1, 1, 4, 2, 2])
    one = decomposition.theil(weighted, "y", groups(weighted, "ABB"), population="people")
    many = decomposition.theil(copied, "y", groups(copied, "AAABBB"))
    for part in ("total", "between", "within"):
        np.testing.assert_allclose(getattr(one, part), getattr(many, part), rtol=ROUNDING)
    d_one = decomposition.dagum(weighted, "y", groups(weighted, "ABB"), population="people")
    d_many = decomposition.dagum(copied, "y", groups(copied, "AAABBB"))
    for part in ("gini", "within", "net_between", "transvariation", "affluence", "pair_gini"):
        np.testing.assert_allclose(getattr(d_one, part), getattr(d_many, part), rtol=ROUNDING)
    names = ("gini", "theil", "cv", "atkinson")
    for aversion in (0.5, 1.0, 2.0):
        few = decomposition.dispersion(
            weighted, ["y"], measures=names, population="people", aversion=aversion
        )
        all_ = decomposition.dispersion(copied, ["y"], measures=names, aversion=aversion)
        np.testing.assert_allclose([r.value for r in few.rows], [r.value for r in all_.rows], rtol=ROUNDING)


def test_dagum_by_hand():
    """Regions {1, 3} and {2, 6}: D = (d - p)/(d + p) with d = (1 + 5 + 0 + 3)/4 and p = (0 + 0 + 1 + 0)/4."""
    panel = panel_of([1, 3, 2, 6])
    r = decomposition.dagum(panel, "y", groups(panel, "AABB"))
    np.testing.assert_allclose(r.affluence, [[(9 - 1) / (9 + 1)]], rtol=ROUNDING)
    np.testing.assert_allclose(r.pair_gini, [[2.5 / (2 + 4)]], rtol=ROUNDING)
    np.testing.assert_allclose(r.mean_gap, [[-2.0]], rtol=ROUNDING)
    np.testing.assert_allclose(r.region_gini, [[1 / 4, 2 / 8]], rtol=ROUNDING)
    np.testing.assert_allclose(r.population_share, [[0.5, 0.5]])
    np.testing.assert_allclose(r.value_share, [[1 / 3, 2 / 3]], rtol=ROUNDING)
    np.testing.assert_allclose(r.net_between, 0.25 * 2 / 3, rtol=ROUNDING)
    np.testing.assert_allclose(r.within, 0.25 * 0.5 * (1 / 3 + 2 / 3), rtol=ROUNDING)
    np.testing.assert_allclose(r.transvariation, 2.5 / 6 * 0.5 * (2 / 3 + 1 / 3) * 0.2, rtol=ROUNDING)


def test_dagum_identities_on_the_provinces(income):
    from inequality.gini import Gini

    y = income["disposable_income_pc"]
    for scheme in ("belt3", "nbs4", "north_south", "clusters"):
        r = decomposition.dagum(income, "disposable_income_pc", province_grouping(scheme, income.units))
        np.testing.assert_allclose(r.gini, [Gini(row).g for row in y], rtol=1e-10)
        np.testing.assert_allclose(r.within + r.net_between + r.transvariation, r.gini, rtol=1e-10)
        np.testing.assert_allclose(r.unit_contribution.sum(1), r.gini, rtol=1e-10)
        place = {region: g for g, region in enumerate(r.regions)}
        share = [r.population_share[:, place[j]] * r.population_share[:, place[h]] for j, h in r.pairs]
        gap = np.abs(r.mean_gap) * np.array(share).T
        np.testing.assert_allclose(r.net_between, gap.sum(1) / y.mean(axis=1), rtol=1e-10)
        assert ((r.affluence >= 0) & (r.affluence <= 1)).all()


def test_identical_regions_have_no_net_inequality():
    panel = panel_of([1, 5, 1, 5])
    r = decomposition.dagum(panel, "y", groups(panel, "AABB"))
    np.testing.assert_allclose(r.net_between, 0.0, atol=ROUNDING)
    np.testing.assert_allclose(r.affluence, 0.0, atol=ROUNDING)
    np.testing.assert_allclose(
        decomposition.theil(panel, "y", groups(panel, "AABB")).between, 0.0, atol=ROUNDING
    )


def test_regions_that_do_not_overlap_have_no_transvariation():
    panel = panel_of([1, 2, 3, 4])
    r = decomposition.dagum(panel, "y", groups(panel, "AABB"))
    np.testing.assert_allclose(r.affluence, 1.0, rtol=ROUNDING)
    np.testing.assert_allclose(r.transvariation, 0.0, atol=ROUNDING)


def test_a_region_of_one_unit_has_nothing_within():
    panel = panel_of([2, 3, 7], [1, 1, 4])
    grouping = groups(panel, "AAB")
    for frame in (
        decomposition.theil(panel, "y", grouping).regions_frame(),
        decomposition.dagum(panel, "y", grouping).regions_frame(),
    ):
        single = frame[frame["region"] == "B"]
        assert single["n_units"].tolist() == [1, 1]
        assert single["within"].tolist() == [0.0, 0.0]
    assert decomposition.theil(panel, "y", grouping).region_theil[:, 1].tolist() == [0.0, 0.0]


def test_zeros_count_as_zero_times_log_zero():
    panel = panel_of([0, 0, 3, 5])
    r = decomposition.theil(panel, "y", groups(panel, "AABB"))
    assert np.isnan(r.region_theil[0, 0])
    np.testing.assert_allclose(r.between, np.log(2), rtol=ROUNDING)
    np.testing.assert_allclose(
        r.unit_between + r.unit_within, [[0, 0, *_terms([3 / 8, 5 / 8], 4)]], rtol=1e-10
    )
    d = decomposition.dagum(panel, "y", groups(panel, "AABB"))
    assert np.isnan(d.region_gini[0, 0])
    np.testing.assert_allclose(d.within + d.net_between + d.transvariation, d.gini, rtol=ROUNDING)


def _terms(shares, n):
    return [s * np.log(n * s) for s in shares]


def test_frames_carry_the_scheme_and_keep_their_order(income):
    grouping = province_grouping("nbs4", income.units)
    t = decomposition.theil(income, "disposable_income_pc", grouping)
    d = decomposition.dagum(income, "disposable_income_pc", grouping)
    frames = [t.to_frame(), t.regions_frame(), t.units_frame(), d.to_frame(), d.regions_frame()]
    frames += [d.pairs_frame(), d.units_frame()]
    for frame in frames:
        assert frame.columns[:4].tolist() == ["region_scheme", "variable", "weighting", "period"]
        assert set(frame["region_scheme"]) == {"nbs4"}
        assert frame["period"].is_monotonic_increasing
    assert "Northeast" in set(t.regions_frame()["region"])
    assert t.regions_frame().query("period == 2016")["n_units"].tolist() == [6, 10, 3, 12]
    shares = t.to_frame().query("part != 'total'").groupby("period")["share"].sum()
    np.testing.assert_allclose(shares, 1.0, rtol=1e-10)
    np.testing.assert_allclose(t.units_frame().groupby("period")["share"].sum(), 1.0, rtol=1e-10)


def test_dispersion_by_hand():
    panel = panel_of([1, 2, 3, 4])
    frame = decomposition.dispersion(panel, ["y"]).to_frame().set_index("measure")["value"]
    np.testing.assert_allclose(frame["gini"], 0.25, rtol=ROUNDING)
    np.testing.assert_allclose(frame["cv"], np.sqrt(1.25) / 2.5, rtol=ROUNDING)
    np.testing.assert_allclose(frame["p90_p10"], 3.7 / 1.3, rtol=ROUNDING)
    np.testing.assert_allclose(frame["max_min"], 4.0, rtol=ROUNDING)
    np.testing.assert_allclose(frame["atkinson"], 1 - 24**0.25 / 2.5, rtol=ROUNDING)


def test_gaps_name_the_extremes_and_flag_more_than_threefold():
    panel = panel_of([1, 2, 3, 2], [2, 2, 6, 5])
    frame = decomposition.gaps(panel, ["y"]).to_frame()
    assert frame["ratio"].tolist() == [3.0, 3.0]
    assert frame["exceeds"].tolist() == [False, False]
    assert decomposition.gaps(panel, ["y"], threshold=2.9).to_frame()["exceeds"].tolist() == [True, True]
    assert frame["largest"].tolist() == ["c", "c"]
    assert frame["smallest"].tolist() == ["a", "a"]
    regions = decomposition.gaps(panel, ["y"], groups(panel, "AABB")).to_frame()
    assert regions["region_scheme"].tolist() == ["halves", "halves"]
    assert regions["ratio"].tolist() == [2.5 / 1.5, 5.5 / 2]


def test_gaps_keep_zeros_and_name_missing_units():
    panel = panel_of([0, 2, np.nan, 4])
    (row,) = decomposition.gaps(panel, ["y"]).rows
    assert (row.ratio, row.ratio_positive, row.zeros, row.missing, row.n) == (np.inf, 2.0, 1, "c", 3)
    assert row.exceeds
    (row,) = decomposition.gaps(panel, ["y"], groups(panel, "ABCC")).rows
    assert (row.n, row.minimum, row.maximum) == (3, 0.0, 4.0)


def ring(n):
    matrix = np.roll(np.eye(n), 1, axis=1) + np.roll(np.eye(n), -1, axis=1)
    return Weights.from_frame(pd.DataFrame(matrix, index=list("abcdefgh")[:n], columns=list("abcdefgh")[:n]))


def test_spatial_gini_by_hand_and_by_its_permutations():
    """On a ring of 1, 2, 3, 4 the neighbours differ by 1, 1, 1, 3 and the others by 2, 2."""
    panel = panel_of([1, 2, 3, 4])
    (row,) = decomposition.spatial_gini(panel, "y", ring(4), permutations=99, seed=1).rows
    np.testing.assert_allclose([row.neighbours, row.others], [12 / 80, 8 / 80], rtol=ROUNDING)
    np.testing.assert_allclose(row.neighbours + row.others, row.gini, rtol=ROUNDING)
    np.testing.assert_allclose(row.polarization, (8 / 12) * 4 / 2, rtol=ROUNDING)
    again = decomposition.spatial_gini(panel, "y", ring(4), permutations=99, seed=1)
    assert again.rows == (row,)
    # Of the three arrangements of four values on a ring two have neighbour differences of 12, one of 16.
    (many,) = decomposition.spatial_gini(panel, "y", ring(4), permutations=5000, seed=2).rows
    assert many.p_value == pytest.approx(2 / 3, abs=0.03)


def test_spatial_gini_does_not_depend_on_the_order_of_units():
    y = np.array([[3.0, 1.0, 4.0, 1.5, 5.0, 9.0]])
    panel = Panel(y[:, :, None], tuple("abcdef"), (2016,), ("y",))
    order = [4, 1, 5, 0, 3, 2]
    moved = panel.select(units=[panel.units[i] for i in order])
    w = ring(6)
    one = decomposition.spatial_gini(panel, "y", w, permutations=199, seed=3).rows
    other = decomposition.spatial_gini(moved, "y", w.reindex(moved.units), permutations=199, seed=3).rows
    assert one[0].p_value == other[0].p_value


def test_clusters_leave_the_others_outside():
    grouping = province_grouping("clusters")
    assert grouping.regions[-1] == OUTSIDE
    assert grouping.members("greater_bay_area") == ("440000",)
    assert sum(grouping.sizes) == 31
    np.testing.assert_array_equal(grouping.indicator.sum(axis=0), grouping.sizes)


values = arrays(np.float64, (2, 6), elements=st.floats(0.01, 1e4))


@given(values, st.permutations(range(6)), st.floats(0.01, 100))
def test_order_and_scale_do_not_matter(y, order, scale):
    panel, moved = panel_of(*y), panel_of(*(scale * y[:, order]))
    labels = "AABBBC"
    mixed = [labels[i] for i in order]
    for function, parts in (
        (decomposition.theil, ("total", "between", "within", "region_within")),
        (decomposition.dagum, ("gini", "within", "net_between", "transvariation", "affluence")),
    ):
        one = function(panel, "y", groups(panel, labels))
        other = function(moved, "y", groups(moved, mixed))
        for part in parts:
            np.testing.assert_allclose(getattr(one, part), getattr(other, part), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("years", "message"),
    [
        (([1, -2, 3], [1, 1, 1]), r"negative values.*\n.*\n.*b in 2016 \(-2\)"),
        (([1, np.nan, 3], [1, 1, 1]), r"missing or infinite.*\n.*\n.*b in 2016"),
        (([1, 2, 3], [0, 0, 0]), r"mean, which is zero.*\n.*\n.*all zero in 2017"),
    ],
)
def test_unusable_values_are_refused(years, message):
    panel = panel_of(*years)
    for function in (decomposition.theil, decomposition.dagum):
        with pytest.raises(DataError, match=message):
            function(panel, "y", groups(panel, "AAB"))


def test_zeros_meet_measures_that_admit_none():
    panel = panel_of([0, 2, 3])
    for measure in ("atkinson", "p90_p10", "max_min"):
        with pytest.raises(DataError, match=r"positive values.*\n.*\n.*a in 2016 \(0\)"):
            decomposition.dispersion(panel, ["y"], measures=[measure])
    assert decomposition.dispersion(panel, ["y"], measures=["gini", "theil", "cv"]).rows[0].value > 0
    with pytest.raises(DataError, match="did you mean 'gini'"):
        decomposition.dispersion(panel, ["y"], measures=["ginni"])


def test_groupings_and_weights_that_do_not_fit_are_refused():
    panel = panel_of([1, 2, 3])
    with pytest.raises(AlignmentError, match="names other units"):
        decomposition.theil(panel, "y", Grouping("s", ("a", "c", "b"), ("A", "A", "B")))
    with pytest.raises(AlignmentError, match="none for c"):
        Grouping.from_mapping("s", {"a": "A", "b": "B"}, panel.units)
    with pytest.raises(DataError, match=r"in two clusters: b \(one and two\)"):
        Grouping.from_clusters({"one": ["a", "b"], "two": ["b"]}, panel.units)
    with pytest.raises(DataError, match="did you mean 'belt3'"):
        province_grouping("belt4")
    lopsided = np.array([[0, 1, 0], [0, 0, 1], [0, 1, 0]], float)
    weights = Weights.from_frame(pd.DataFrame(lopsided, index=list("abc"), columns=list("abc")))
    with pytest.raises(WeightsError, match="one-sided: a -> b"):
        decomposition.spatial_gini(panel, "y", weights, seed=1)
