import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from snapshot_files import clean, scheme_schema, scheme_yaml

from shuyi.china.provinces import PROVINCES, resolve
from shuyi.data.deflate import chain
from shuyi.data.imputation import fill_gaps
from shuyi.data.series import Series
from shuyi.indices import compute_index, entropy_weights, load_scheme
from shuyi.panel import Panel

EXACT = 1e-9
"""Relative: a product of ten factors between 0.5 and 2, taken in another order."""

SUMS = 1e-12
"""Weights are sums over 279 observations, here in another order."""

INDEX = arrays(float, (10, 3), elements=st.floats(50.0, 200.0))
YEARS = range(2011, 2021)
SCHEME = load_scheme(scheme_yaml(), scheme_schema())


@given(INDEX, st.sampled_from(YEARS), st.sampled_from(YEARS))
def test_growth_does_not_depend_on_the_base_year(values, one, other):
    index = Series("x", values, 2011, "index")
    first, second = chain(index, one, 2011, 2020), chain(index, other, 2011, 2020)
    np.testing.assert_allclose(first[1:] / first[:-1], values[1:] / 100, rtol=EXACT)
    np.testing.assert_allclose(first / first[0], second / second[0], rtol=EXACT)
    np.testing.assert_allclose(first[one - 2011], 1.0, rtol=EXACT)


@given(
    arrays(float, (8, 2), elements=st.floats(1.0, 1e6)),
    arrays(bool, (8, 2)),
    st.sampled_from(["linear", "geometric"]),
)
def test_filling_keeps_printed_cells_and_stays_between_the_neighbours(values, hidden, method):
    holed = np.where(hidden, np.nan, values)
    filled, log = fill_gaps(Series("x", holed, 2011, "CNY"), ["a", "b"], method)
    np.testing.assert_array_equal(filled[~hidden], holed[~hidden])
    assert len(log) == np.isnan(holed).sum() - np.isnan(filled).sum()
    for cell in log:
        (before, low), (after, high) = cell.neighbours
        assert before < cell.year < after
        assert min(low, high) * (1 - EXACT) <= cell.value <= max(low, high) * (1 + EXACT)
    for i in range(2):
        printed = np.flatnonzero(~hidden[:, i])
        outside = [t for t in range(8) if not printed.size or t < printed[0] or t > printed[-1]]
        assert np.isnan(filled[outside, i]).all()


@given(st.permutations(range(31)), st.sampled_from(["entropy", "critic", "pca", "equal"]))
def test_relabelling_provinces_permutes_the_scores(order, weighting):
    panel = clean().panel
    shuffled = panel.select(units=[panel.units[i] for i in order])
    before = compute_index(SCHEME, panel, weighting=weighting, caveats=clean().caveats)
    after = compute_index(SCHEME, shuffled, weighting=weighting, caveats=clean().caveats)
    np.testing.assert_allclose(after.scores, before.scores[:, list(order)], atol=SUMS * 1e2)
    np.testing.assert_allclose(after.weights, before.weights, atol=SUMS * 1e2)


@given(st.sampled_from([i.numerator for i in SCHEME.indicators]), st.floats(1e-3, 1e3))
def test_the_unit_of_a_series_does_not_matter(name, factor):
    panel = clean().panel
    scaled = Panel(
        np.where(np.array(panel.variables) == name, factor, 1.0) * panel.values,
        panel.units,
        panel.periods,
        panel.variables,
    )
    before, after = (compute_index(SCHEME, p, caveats=clean().caveats).scores for p in (panel, scaled))
    np.testing.assert_allclose(after, before, atol=EXACT)


@given(arrays(float, (30, 4), elements=st.floats(0.0, 1.0)))
def test_entropy_weights_are_shares(matrix):
    matrix[0], matrix[1] = 0.0, [1.0, 0.5, 0.25, 0.125]
    weights = entropy_weights(matrix)
    assert (weights >= 0).all()
    assert abs(weights.sum() - 1.0) < SUMS


@given(st.sampled_from(PROVINCES), st.booleans(), st.sampled_from(["", " ", "  "]))
def test_case_and_spaces_do_not_matter(province, upper, blank):
    name = province.en.upper() if upper else province.en.lower()
    assert resolve(blank + name.replace(" ", blank or "-") + blank) is province
