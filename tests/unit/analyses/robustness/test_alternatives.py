"""Other indices, outcomes, samples and controls: what each change does to the data, and the table of all."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import snapshot_files
from default_paper import CONFIG, SPECIFICATION, both_labels, case
from numpy.testing import assert_allclose, assert_array_equal

from shuyi.analyses.base import Draft
from shuyi.analyses.robustness.alternatives import (
    INDICATORS,
    alternatives_figure,
    alternatives_frame,
    alternatives_table,
)
from shuyi.analyses.robustness.settings import ANALYSIS
from shuyi.analyses.robustness.variants import change
from shuyi.china.clean import DERIVATIONS
from shuyi.errors import ConfigError
from shuyi.indices import compute_index, load_scheme
from shuyi.publish.numbers import TableOptions
from shuyi.spatialpanel import fit

SAMPLES = CONFIG["samples"]
GROUPS = CONFIG["robustness"]["alternatives"]
NAMES = [e["scheme"] for e in GROUPS["index"].values() if e["change"] == "scheme"]
SINGLE_FIT = 1e-9


@cache
def material():
    found, _ = case()
    schemes = {name: load_scheme(scheme(name), snapshot_files.scheme_schema()) for name in NAMES}
    degrees = {"coordination": np.log(found.clean["gdp_pc_real"])}
    return replace(found, schemes=schemes, samples=SAMPLES, outcomes=degrees)


def scheme(name):
    import yaml

    path = snapshot_files.ROOT / f"config/indices/{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def frame():
    return alternatives_frame(material(), case()[1], GROUPS, level=0.95, power=0.8)


def test_every_alternative_has_numbers_or_a_reason():
    direct = frame()[frame()["component"] == "direct"].set_index("variant")
    asked = {name for variants in GROUPS.values() for name in variants}
    assert asked < set(direct.index)
    refused = set(direct[direct["estimate"].isna()].index)
    assert refused == {"five_indicator", "fourteen_indicator"}
    assert direct.loc[sorted(refused), "reason"].str.contains("panel.user_file").all()
    assert (direct["group"] == INDICATORS).sum() == len(material().scheme.indicators)


@pytest.mark.parametrize("weighting", ["critic", "pca", "equal"])
def test_another_weighting_is_the_index_of_that_weighting(weighting):
    m = material()
    panel, spec = change(m, {"change": "weighting", "weighting": weighting})
    index = compute_index(
        m.scheme, m.clean, weighting=weighting, caveats=m.caveats, derivations=DERIVATIONS
    ).to_panel()
    assert spec == SPECIFICATION
    assert_array_equal(panel["digital"], index["digital"])


def test_another_outcome_and_sample_are_single_fits():
    rows = frame().set_index(["variant", "component"])
    m, weights = material(), case()[1]
    income = fit(m.panel, weights, replace(SPECIFICATION, outcome="ln_income_pc")).effects(draws=0)
    assert_allclose(rows.loc["income", "estimate"], income.estimate[0], atol=SINGLE_FIT)
    kept = [u for u in m.panel.units if u not in SAMPLES["without_municipalities"]]
    cut = fit(m.panel.select(units=kept), weights.subset(kept), SPECIFICATION).effects(draws=0)
    assert_allclose(rows.loc["without_municipalities", "estimate"], cut.estimate[0], atol=SINGLE_FIT)
    assert_allclose(rows.loc["without_municipalities", "std_error"], cut.std_error_delta[0], atol=SINGLE_FIT)


def test_winsorising_moves_the_tails_alone():
    panel, _ = change(material(), {"change": "winsorise", "share": 0.01})
    before, after = material().panel["digital"], panel["digital"]
    moved = before != after
    assert 0 < moved.mean() <= 0.03
    assert after.max() == np.quantile(before, 0.99)
    assert_array_equal(before[~moved], after[~moved])


def test_lagged_controls_leave_outcome_and_index_in_their_year():
    panel, _ = change(material(), {"change": "lag_controls"})
    own = material().panel
    assert_array_equal(panel["digital"], own["digital"][1:])
    assert_array_equal(panel["urbanisation"], own["urbanisation"][:-1])


def test_an_outcome_is_no_regressor_and_is_known():
    with pytest.raises(ConfigError, match="is a regressor"):
        change(material(), {"change": "outcome", "variable": "urbanisation"})
    with pytest.raises(ConfigError, match="ln_gdp_pc"):
        change(material(), {"change": "outcome", "variable": "ln_gpd_pc"})


def test_per_standard_deviation_effects_do_not_depend_on_the_scale_of_the_index():
    m, weights = material(), case()[1]
    values = m.panel.values.copy()
    values[:, :, m.panel.variables.index("digital")] *= 1000
    scaled = replace(m, panel=replace(m.panel, values=values))
    groups = {"sample": {"all": {"change": "sample", "sample": "all"}}}
    found = [
        alternatives_frame(x, weights, groups, level=0.95, power=0.8).query("variant == 'all'")
        for x in (m, scaled)
    ]
    a, b = (f["estimate"] * f["spread"] for f in found)
    assert_allclose(a, b, rtol=1e-6)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_table_and_figure_hold_every_alternative(language):
    labels = both_labels()[language]
    table = alternatives_table(
        frame(), labels, TableOptions(), specification=SPECIFICATION.to_dict(), term="digital",
        titles=material().scheme.titles(language),
    )  # fmt: skip
    asked = sum(len(variants) for variants in GROUPS.values())
    assert len(table.display) == asked - 2 + 2
    assert str(frame()["variant"].nunique() - 3) in table.note()
    alternatives_figure(frame(), labels, term="digital", level=0.95)


def test_mistakes_of_alternatives_are_found_before_any_job():
    groups = {"sample": {"odd": {"change": "sample", "sample": "without_tibt"}}}
    config = {**CONFIG, "robustness": {**CONFIG["robustness"], "alternatives": groups}}
    rows = [{"id": "sdm", "regressors": " ".join(SPECIFICATION.regressors)}]
    (problem,) = ANALYSIS.check(Draft(config, rows, ()))
    assert problem.place == "robustness.alternatives.sample.odd.sample" and "without_tibt" in problem.found
