"""Adjusted p-values: worked examples, bounds, refusals."""

import numpy as np
import pytest

from shuyi.analyses import multiplicity
from shuyi.errors import ConfigError, DataError

EXACT = 1e-12


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("none", [0.01, 0.04, 0.03, 0.005]),
        ("holm", [0.03, 0.06, 0.06, 0.02]),
        ("benjamini_hochberg", [0.02, 0.04, 0.04, 0.02]),
    ],
)
def test_worked_example(rule, expected):
    found = multiplicity.adjusted([0.01, 0.04, 0.03, 0.005], rule)
    np.testing.assert_allclose(found, expected, atol=EXACT)


@pytest.mark.parametrize("rule", multiplicity.RULES)
def test_unknown_values_are_no_tests_and_nothing_exceeds_one(rule):
    found = multiplicity.adjusted([np.nan, 0.7, 0.8], rule)
    assert np.isnan(found[0])
    np.testing.assert_allclose(found[1:], multiplicity.adjusted([0.7, 0.8], rule), atol=EXACT)
    assert (found[1:] <= 1.0).all()


def test_refusals():
    with pytest.raises(ConfigError, match="bonferroni"):
        multiplicity.adjusted([0.1], "bonferroni")
    with pytest.raises(DataError, match="outside its range"):
        multiplicity.adjusted([1.1], "holm")
