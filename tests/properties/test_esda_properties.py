"""What holds for any variable and weights: shifts, scales, relabelling, ranges."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shuyi import esda
from shuyi.panel import Panel
from shuyi.weights import Weights

CLOSE = 1e-9
"""Relative; shifting by a thousand costs three digits."""


@st.composite
def case(draw):
    n = draw(st.integers(5, 14))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    matrix = (rng.random((n, n)) < 0.4) * rng.gamma(2.0, size=(n, n))
    matrix += np.roll(np.eye(n), 1, axis=1)
    np.fill_diagonal(matrix, 0.0)
    labels = tuple(f"u{i:02d}" for i in range(n))
    values = rng.gamma(2.0, size=(1, n, 2))
    return Panel(values, labels, (2020,), ("x", "y")), Weights(matrix, labels).normalise("row"), rng


def changed(panel: Panel, x) -> Panel:
    return panel.with_variables({"x": x})


@given(case(), st.floats(-1e3, 1e3), st.floats(1e-2, 1e2))
def test_shift_and_scale_change_nothing(found, shift, scale):
    panel, w, _ = found
    other = changed(panel, shift + scale * panel["x"])
    for statistic in (esda.moran, esda.geary):
        (a,), (b,) = (statistic(p, w, ["x"], permutations=99, seed=1).rows for p in (panel, other))
        np.testing.assert_allclose(
            [a.value, a.variance_random, a.p_permuted], [b.value, b.variance_random, b.p_permuted], rtol=CLOSE
        )


@given(case(), st.floats(1e-2, 1e2))
def test_scale_does_not_change_g(found, scale):
    panel, w, _ = found
    if w.nonzero == w.n * (w.n - 1):
        return
    other = changed(panel, scale * panel["x"])
    (a,), (b,) = (esda.getis_ord_g(p, w, ["x"], permutations=99, seed=1).rows for p in (panel, other))
    np.testing.assert_allclose([a.value, a.p_permuted], [b.value, b.p_permuted], rtol=CLOSE)


@given(case())
def test_scaling_weights_changes_no_global_statistic(found):
    panel, w, _ = found
    scaled = Weights(w.to_dense() * 7.0, w.labels)
    for statistic in (esda.moran, esda.geary):
        (a,), (b,) = (statistic(panel, v, ["x"], permutations=99, seed=1).rows for v in (w, scaled))
        np.testing.assert_allclose([a.value, a.z_random, a.p_permuted], [b.value, b.z_random, b.p_permuted])


@given(case())
def test_reordering_units_changes_nothing(found):
    panel, w, rng = found
    order = tuple(rng.permutation(np.array(panel.units)).tolist())
    pairs = [("x", "y")]
    a = esda.bivariate_moran(panel, w, pairs, permutations=99, seed=1).rows[0]
    b = esda.bivariate_moran(
        panel.select(units=order), w.reindex(order), pairs, permutations=99, seed=1
    ).rows[0]
    np.testing.assert_allclose(
        [a.value, a.variance_random, a.p_permuted], [b.value, b.variance_random, b.p_permuted], rtol=CLOSE
    )


@given(case(), st.sampled_from(esda.ALTERNATIVES))
def test_p_values_are_probabilities_that_count_the_observed_value(found, alternative):
    panel, w, _ = found
    local = esda.local_moran(panel, w, "x", 2020, permutations=49, seed=1, alternative=alternative)
    (row,) = esda.moran(panel, w, ["x"], permutations=49, seed=1, alternative=alternative).rows
    for p in (*local.p, row.p_permuted):
        assert 1 / 50 <= p <= 1.0
