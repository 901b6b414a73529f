"""Sensitivity: published numbers, samples in which the omitted variable is known, identities, refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from shuyi.errors import DataError
from shuyi.spatialpanel.iv.weak import ReducedForm
from shuyi.spatialpanel.sensitivity import (
    benchmark,
    benchmarks,
    oster_delta,
    plausibly_exogenous,
    robustness_value,
    sensitivity,
)

# Cinelli and Hazlett (2020), Darfur: estimate .097, error .023, 783 degrees of freedom; printed decimals.
ESTIMATE, ERROR, FREE = 0.09731581928495721, 0.02325654, 783


def test_the_robustness_value_is_the_published_one():
    assert round(robustness_value(ESTIMATE / ERROR, FREE), 3) == 0.139


@pytest.mark.parametrize(("times", "printed"), [(1, 0.0752), (2, 0.0529), (3, 0.0304)])
def test_bounds_are_the_published_ones(times, printed):
    # Partial R2 of being female with being harmed (given the other controls) and with the attitude.
    linked = 0.009164286675048575 / (1 + 0.009164286675048575)
    found = benchmark(ESTIMATE, ERROR, FREE, linked, 0.10903404, times)
    assert abs(found.estimate - printed) < 6e-4


def known_selection(delta, beta=0.0):
    """Return a sample in which selection on the omitted variable is delta times that on the observed."""
    rng = np.random.default_rng(3)
    n = 400
    c, w2, v, e = np.linalg.qr(rng.standard_normal((n, 4)))[0].T * np.sqrt(n)
    x = 0.5 * 0.7 * c + 0.5 * delta * 1.1 * w2 + 0.8 * v
    return x, c, w2, beta * x + 0.7 * c + 1.1 * w2 + 0.5 * e


@pytest.mark.parametrize("delta", [0.6, 1.5])
def test_delta_finds_a_known_selection(delta):
    x, c, w2, y = known_selection(delta)

    def fitted(*columns):
        a = np.column_stack(columns)
        b = np.linalg.lstsq(a, y, rcond=None)[0]
        return float(b[0]), 1 - float(((y - a @ b) ** 2).sum() / (y @ y))

    rest = x - c * (c @ x) / (c @ c)
    moments = (y @ y / 400, x @ x / 400, rest @ rest / 400)
    found = oster_delta(fitted(x), fitted(x, c), moments, fitted(x, c, w2)[1])
    assert_allclose(found, delta, rtol=1e-9)


def test_an_omitted_variable_as_strong_as_the_robustness_value_leaves_nothing():
    rng = np.random.default_rng(1)
    c, e, v = rng.standard_normal((3, 5, 40))
    x = c + v
    found = sensitivity(0.3 * x + c + e, x, c[:, :, None], absorbed=0)
    r, f2 = found.robustness_value, found.partial_r2 / (1 - found.partial_r2)
    # bias / estimate = sqrt(R2 R2 / (1 - R2)) / f
    assert_allclose(np.sqrt(r * r / (1 - r)), np.sqrt(f2), rtol=1e-9)


def test_benchmarks_of_a_control_are_computed_by_its_name():
    rng = np.random.default_rng(1)
    c, d, e, v = rng.standard_normal((4, 5, 40))
    x = c + 0.1 * d + v
    both = np.stack([c, d], axis=2)
    found = benchmarks(x + c + d + e, x, both, ("c", "d"), absorbed=0)
    assert found["c"].with_regressor > found["d"].with_regressor
    with pytest.raises(DataError, match="number"):
        benchmarks(x + c + e, x, both, ("c",), absorbed=0)
    with pytest.raises(DataError, match="control"):
        sensitivity(x, x, both[:, :, :0], absorbed=0)


def just_identified():
    rng = np.random.default_rng(1)
    z, u = rng.standard_normal((2, 8, 30))
    x = z + u
    return ReducedForm.of(x + u, x[..., None], z[..., None], None, absorbed=0)


def test_without_direct_effects_the_union_is_the_interval():
    from scipy.stats import t

    form = just_identified()
    b, cov = form.two_stage
    reach = t.ppf(0.975, form.df) * np.sqrt(cov[0, 0])
    assert_allclose(plausibly_exogenous(form, 0, np.zeros(1)), (b[0] - reach, b[0] + reach), rtol=1e-12)


def test_unions_grow_with_the_direct_effect_by_its_effect_over_the_first_stage():
    form = just_identified()
    low, high = plausibly_exogenous(form, 0, np.array([0.2]))
    inner = plausibly_exogenous(form, 0, np.array([0.1]))
    assert low < inner[0] < inner[1] < high
    with pytest.raises(DataError, match="bounds"):
        plausibly_exogenous(form, 0, np.array([-0.1]))
