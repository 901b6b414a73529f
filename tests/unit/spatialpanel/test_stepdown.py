"""Step-down p-values: the algorithm written out, bounds, error rates under dependence, refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from shuyi.errors import DataError
from shuyi.spatialpanel.stepdown import step_down


def written_out(statistics, draws):
    left, found, largest = list(range(len(statistics))), {}, 0.0
    while left:
        best = max(left, key=lambda j: abs(statistics[j]))
        reached = sum(max(abs(row[j]) for j in left) >= abs(statistics[best]) for row in draws)
        largest = max(largest, (1 + reached) / (1 + len(draws)))
        found[best] = largest
        left.remove(best)
    return [found[j] for j in range(len(statistics))]


def case(seed, m=5, D=299):
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((D, 1))
    return 2 * rng.standard_normal(m), 0.6 * shared + 0.8 * rng.standard_normal((D, m))


@pytest.mark.parametrize("seed", range(5))
def test_the_algorithm_is_the_one_written_out(seed):
    assert_allclose(step_down(*case(seed)), written_out(*case(seed)), rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_p_values_exceed_the_own_ones_and_keep_the_order(seed):
    statistics, draws = case(seed)
    own = (1 + (np.abs(draws) >= np.abs(statistics)).sum(axis=0)) / (1 + len(draws))
    found = step_down(statistics, draws)
    assert (found >= own - 1e-12).all()
    assert (np.diff(found[np.argsort(-np.abs(statistics))]) >= 0).all()


def test_hypotheses_without_a_statistic_do_not_count():
    statistics, draws = case(1)
    statistics[2], draws[:, 2] = np.nan, np.nan
    found = step_down(statistics, draws)
    kept = [0, 1, 3, 4]
    assert np.isnan(found[2])
    assert_allclose(found[kept], step_down(statistics[kept], draws[:, kept]))


def test_the_probability_of_any_false_rejection_is_kept_and_power_exceeds_bonferroni():
    rng, wrong, own, bonferroni, rounds = np.random.default_rng(5), 0, 0, 0, 400
    for _ in range(rounds):
        draws = 0.9 * rng.standard_normal((199, 1)) + np.sqrt(0.19) * rng.standard_normal((199, 6))
        null = 0.9 * rng.standard_normal() + np.sqrt(0.19) * rng.standard_normal(6)
        wrong += (step_down(null, draws) <= 0.05).any()
        p = step_down(null + 2.0, draws)
        single = (1 + (np.abs(draws) >= np.abs(null + 2.0)).sum(axis=0)) / 200
        own += (p <= 0.05).sum()
        bonferroni += (6 * single <= 0.05).sum()
    # Four binomial errors of 400 rounds at 5 %.
    assert wrong / rounds < 0.05 + 4 * np.sqrt(0.05 * 0.95 / rounds)
    assert own > bonferroni


def test_refusals():
    with pytest.raises(DataError, match="do not fit"):
        step_down(np.ones(3), np.ones((9, 2)))
    with pytest.raises(DataError, match="No draw"):
        step_down(np.ones(2), np.full((9, 2), np.nan))
