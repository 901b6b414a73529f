"""The equations of the paper are those of the models on the sheet."""

import re

import pytest

from shuyi.analyses.paper.equations import equation, equations
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.terms import EFFECTS

ROW = {"model": "sdm", "effects": "twoways", "durbin": "all", "regressors": ["x", "z"], "column": "SDM"}


@pytest.mark.parametrize("model", sorted(MODELS))
@pytest.mark.parametrize("effects", EFFECTS)
def test_an_equation_has_the_terms_of_its_model_and_no_other(model, effects):
    source, terms = equation(ROW | {"model": model, "effects": effects}), MODELS[model].terms
    for sign, has in (("rho", terms.lag), ("theta_k", terms.durbin), ("lambda", terms.error)):
        assert (sign in source) == has
    for sign, holders in {
        "alpha_i": ("individual", "twoways"),
        "tau_t": ("time", "twoways"),
        "mu_i": ("random", "correlated"),
        "gamma_k": ("correlated",),
    }.items():
        assert (sign in source) == (effects in holders)


def test_lags_of_some_regressors_are_summed_over_these_alone():
    assert "k in D" in equation(ROW | {"durbin": ["x"]})
    assert "k in D" not in equation(ROW | {"durbin": ["x", "z"]})
    assert "theta_k" not in equation(ROW | {"durbin": "none"})


def test_columns_with_the_same_equation_share_it():
    sheet = [ROW, ROW | {"column": "SDM b"}, ROW | {"model": "sar", "column": "SAR"}]
    found = equations(sheet)
    assert [(one["models"], one["columns"]) for one in found] == [("SDM", "SDM, SDM b"), ("SAR", "SAR")]
    assert all(re.search(r"^y_\(i t\) = ", one["source"]) for one in found)
