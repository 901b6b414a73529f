"""CPU time of many specifications in one call, and of curves under a null, at 31 units x 9 periods.

OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m pytest benchmarks/test_many.py \
    --benchmark-json=.benchmarks/many.json
"""

import time
from itertools import combinations, islice, product

import numpy as np
import pytest
from alone import peak_mb
from panels import nearest

from shuyi.panel import Panel
from shuyi.spatialpanel import Specification, fit
from shuyi.spatialpanel.many import fit_many, null_curve

pytestmark = pytest.mark.benchmark(timer=time.process_time)

N, T = 31, 9
OUTCOMES, REGRESSORS = 25, 92
# Ten digits, relative to numbers of order one: what is asked for.
SAME = 1e-10
DRAWS = 199
MODELS = {"slx": "all", "sar": "none", "sdm": "all"}


def panel_of(weights, seed=0):
    """Return outcomes that depend on the regressors and their lags, all of them serially correlated."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((T, N, OUTCOMES + REGRESSORS))
    values = noise + 0.5 * noise.cumsum(axis=0)
    x = values[:, :, OUTCOMES:]
    mix = rng.standard_normal((REGRESSORS, OUTCOMES)) / np.sqrt(REGRESSORS)
    mean = values[:, :, :OUTCOMES] + x @ mix + weights.lag(x) @ (0.5 * mix)
    filtered = np.linalg.inv(np.eye(N) - 0.4 * weights.to_dense())
    values[:, :, :OUTCOMES] = np.einsum("ij,tjk->tik", filtered, mean)
    return Panel(values, weights.labels, tuple(range(2015, 2015 + T)), (*outcomes(), *regressors()))


def outcomes():
    return tuple(f"y{j}" for j in range(OUTCOMES))


def regressors():
    return tuple(f"x{j}" for j in range(REGRESSORS))


def specifications(count, width, model="sdm", **options):
    pairs = ((x, y) for x in combinations(regressors(), width) for y in outcomes())
    return [
        Specification(f"{model}{width}-{i}", "", "", model, y, x, MODELS[model], "w0", **options)
        for i, (x, y) in enumerate(islice(pairs, count))
    ]


def assert_equal_to_single_fits(found, panel, weights, count=20):
    """Assert that some of many fits are their single fits, to ten digits."""
    for i in np.linspace(0, len(found) - 1, count).astype(int).tolist():
        spec = found.specifications[i]
        single = fit(panel, weights[spec.weights], spec)
        effects = single.effects(draws=0)
        K = len(spec.regressors)
        np.testing.assert_allclose(found.effects[i, :K], effects.estimate, rtol=SAME, atol=SAME)
        errors = effects.std_error_delta
        np.testing.assert_allclose(found.effects_std_error[i, :K], errors, rtol=SAME, atol=SAME)
        assert abs(found.loglik[i] / single.loglik - 1) < SAME


@pytest.mark.parametrize(
    ("count", "width", "covariance"),
    [
        (100_000, 2, "information"),
        (100_000, 2, "cluster_jackknife"),
        (20_000, 6, "cluster_jackknife"),
    ],
)
def test_two_way_spatial_durbin(benchmark, count, width, covariance):
    weights = {"w0": nearest(N, 4, mutual=True)}
    panel = panel_of(weights["w0"])
    specs = specifications(count, width, covariance=covariance)
    benchmark.extra_info.update(
        table="together", size=f"{count:,} two-way SDM, {width} regressors, {covariance}"
    )
    found = benchmark.pedantic(fit_many, args=(panel, weights, specs), rounds=1)
    benchmark.extra_info["peak_mb"] = peak_mb()
    assert found.together.all()
    assert_equal_to_single_fits(found, panel, weights)


def test_a_curve_of_small_groups(benchmark):
    """Ten weights x three effects x two conventions x three models x two sizes, 10,080 specifications."""
    weights = {f"w{j}": nearest(N, 3 + j, mutual=j % 2 == 0, seed=j) for j in range(10)}
    panel = panel_of(weights["w0"])
    choices = product(weights, ("individual", "time", "twoways"), ("exact", "lee_yu"), MODELS, (2, 4))
    groups = list(choices)
    variables = list(islice(product(outcomes(), regressors()), 28))
    specs = [
        Specification(
            f"{g}-{v}", "", "", m, y, regressors()[v : v + k], MODELS[m], w, e, c, "all", "cluster_jackknife"
        )
        for g, (w, e, c, m, k) in enumerate(groups)
        for v, (y, _) in enumerate(variables)
    ]
    benchmark.extra_info.update(
        table="together", size=f"{len(specs):,} specifications in {len(groups)} groups"
    )
    found = benchmark.pedantic(fit_many, args=(panel, weights, specs), rounds=1)
    assert found.together.all()
    assert_equal_to_single_fits(found, panel, weights)


@pytest.mark.parametrize("covariance", ["information", "cluster_jackknife"])
def test_curve_under_the_null(benchmark, covariance):
    """A hundredth of 10,000 specifications x 199 draws: three models, two and five regressors."""
    weights = {"w0": nearest(N, 4, mutual=True)}
    panel = panel_of(weights["w0"])
    kinds = product(MODELS, (2, 5))
    specs = [spec for m, k in kinds for spec in specifications(17, k, m, covariance=covariance)][:100]
    benchmark.extra_info.update(
        table="null", size=f"{len(specs)} specifications x {DRAWS} draws, {covariance}"
    )
    found = benchmark.pedantic(null_curve, args=(panel, weights, specs), kwargs={"draws": DRAWS}, rounds=1)
    assert not found.refused.any()
    assert not any(found.reasons)
