"""Tests of a variable under weights that are built from it, and bands that agree with p-values."""

import numpy as np
import pandas as pd
import pytest

from shuyi.analyses.autocorrelation import figures, frames, tables
from shuyi.analyses.multiplicity import multiplicity_note
from shuyi.china.clean import DERIVATIONS
from shuyi.esda.permutation import BAND_LEVEL, permutation_band, permutation_p


@pytest.mark.parametrize(
    ("tested", "built_from", "expected"),
    [
        ("ln_gdp_pc", "gdp_pc_real", True),
        ("gdp_pc_real", "ln_gdp_pc", True),
        ("gdp_pc_real", "gdp_pc_real", True),
        ("ln_income_pc", "gdp_pc_real", False),
        ("digital", "gdp_pc_real", False),
        ("ln_gdp_pc", "", False),
    ],
)
def test_a_transformation_of_the_weights_variable_is_circular(tested, built_from, expected):
    assert frames.is_level_of(tested, built_from, DERIVATIONS) is expected


@pytest.mark.parametrize("permutations", [39, 99, 999, 1000])
def test_values_beyond_the_band_are_those_with_a_small_p(permutations):
    sample = np.random.default_rng(4).normal(size=permutations)
    low, high = permutation_band(sample)
    values = np.r_[np.linspace(-4, 4, 400), sample]
    beyond = (values < low) | (values > high)
    small = permutation_p(values, sample[:, None], "two-sided") <= 1 - BAND_LEVEL + 1e-12
    on_bound = np.isclose(values, low) | np.isclose(values, high)
    assert (beyond == small)[~on_bound].all()


def test_too_few_permutations_have_no_band():
    assert np.isnan(permutation_band(np.arange(38.0))).all()


def moran_rows():
    rows = pd.DataFrame(
        {
            "variable": "digital", "weights": ["a", "a", "b"], "period": [2016, 2017, 2016], "value": 0.2,
            "expected": -0.03, "low_permuted": -0.1, "high_permuted": 0.1, "p_permuted": [0.001, 0.03, 0.9],
        }
    )  # fmt: skip
    return rows.assign(circular=[False, False, True])


def test_circular_rows_are_neither_drawn_nor_counted(labels):
    assert list(figures.moran_bands(moran_rows(), "digital")["weights"]) == ["a", "a"]
    rows = moran_rows()
    p = rows.loc[~tables.circular(rows), "p_permuted"]
    found = multiplicity_note(p, labels)
    assert found == labels.text("note.multiplicity", count=2, level=5, none=2, benjamini_hochberg=2, holm=2)
