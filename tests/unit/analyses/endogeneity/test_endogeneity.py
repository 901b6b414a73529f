"""Instruments by hand, the verdict on them, identities between equations, refusals, tables and figure."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from headline_case import CONFIG, ROWS, headline
from numpy.testing import assert_allclose

from shuyi.analyses.base import Draft
from shuyi.analyses.endogeneity.equations import (
    LEAST_SQUARES,
    SLX,
    parts_of,
    sensitivity_rows,
    survives,
)
from shuyi.analyses.endogeneity.figures import endogeneity_figure
from shuyi.analyses.endogeneity.frames import TOGETHER, endogeneity_frames, instrument_sets
from shuyi.analyses.endogeneity.instruments import build_instrument, check_varies
from shuyi.analyses.endogeneity.settings import ANALYSIS
from shuyi.analyses.endogeneity.tables import (
    endogeneity_table,
    objections,
    sensitivity_table,
    verdict_sentence,
)
from shuyi.china.places import PLACES
from shuyi.errors import DataError, IdentificationError
from shuyi.publish.numbers import TableOptions

SECTION = CONFIG["endogeneity"]
ENTRIES = SECTION["instruments"]
ROUNDING = {"rtol": 1e-10}


def built(entry):
    return build_instrument(entry, headline().panel, PLACES.coordinates)


@cache
def frames():
    instruments = {name: built(entry) for name, entry in ENTRIES.items()}
    return endogeneity_frames(
        *(headline(), "digital", instruments, {"lightning": "The file has no column lightning."}),
        direct=SECTION["direct_effects"],
        compared=SECTION["benchmarks"],
    )


def test_shift_shares_leave_the_unit_out():
    panel, entry = headline().panel, ENTRIES["shift_share"]
    i, t = panel.units.index("330000"), panel.T - 1
    values = {name: np.nan_to_num(panel[name]) for name in entry["sectors"]}
    total = sum(v[0, i] for v in values.values())
    expected = sum(
        v[0, i] / total * np.log((v[t].sum() - v[t, i]) / (v[0].sum() - v[0, i])) for v in values.values()
    )
    assert_allclose(built(entry)[t, i], expected, **ROUNDING)
    assert_allclose(built(entry)[0], 0.0, atol=1e-12)


def test_distance_is_zero_at_the_place_itself():
    panel, z = headline().panel, built(ENTRIES["hangzhou"])
    assert_allclose(z[:, panel.units.index("330000")], 0.0, atol=1e-12)
    i = panel.units.index("110000")
    users, heads = panel["broadband_access_users"], panel["population_resident"]
    rest = (users.sum(axis=1) - users[:, i]) / (heads.sum(axis=1) - heads[:, i])
    assert_allclose(z[:, i] / np.log(rest), z[0, i] / np.log(rest[0]), **ROUNDING)
    # Beijing and Hangzhou are some 1,120 km apart.
    assert abs(z[0, i] / np.log(rest[0]) - 1.12) < 0.02


def test_a_level_is_multiplied_with_an_earlier_series():
    entry = {"kind": "level", "level": "density", "series": "broadband_access_users", "lag": 1}
    panel, z = headline().panel, built(entry)
    assert np.isnan(z[0]).all() and np.isfinite(z[1:]).all()
    users = panel["broadband_access_users"]
    rest = np.log(users.sum(axis=1, keepdims=True) - users)
    assert_allclose(z[1:], panel["density"][0] * rest[:-1], **ROUNDING)


def test_no_instrument_of_the_default_paper_passes_its_own_tests(labels):
    verdicts = frames()["verdicts"].set_index("set")
    assert list(verdicts.index) == ["lightning", *ENTRIES, TOGETHER]
    assert not verdicts["survives"].any()
    assert "4" in verdict_sentence(frames()["verdicts"], labels)
    tests = frames()["tests"]
    effective = tests[(tests["test"] == "effective_f") & (tests["equation"] == SLX)]
    assert (effective["statistic"] < effective["critical"]).all()
    assert (tests.loc[tests["test"] == "set", "shape"] == "line").all()


def test_a_strong_instrument_passes_and_finds_the_effect():
    own, rng = headline(), np.random.default_rng(2)
    panel = own.panel
    z = rng.standard_normal((panel.T, panel.n))
    e, v = rng.standard_normal((2, panel.T, panel.n))
    x = z + 0.5 * e + 0.5 * v
    y = 0.8 * x + 0.4 * own.weights.lag(x) + e
    made = own._replace(panel=panel.with_variables({"digital": x, "ln_gdp_pc": y}))
    found = endogeneity_frames(made, "digital", {"z": z}, {}, direct=[0.01], compared=["urbanisation"])
    assert found["verdicts"]["survives"].all()
    rows = found["estimates"].set_index(["set", "equation", "term"])
    assert rows.loc[("z", SLX, "digital"), "ci_low"] < 0.8 < rows.loc[("z", SLX, "digital"), "ci_high"]
    assert rows.loc[(LEAST_SQUARES, SLX, "digital"), "ci_low"] > 0.8


def test_least_squares_is_the_reduced_form_of_the_term_as_its_own_instrument():
    from shuyi.analyses.endogeneity.equations import reduced_forms

    own = headline()
    form = reduced_forms(parts_of(own, "digital"), own, "digital", {"own": own.panel["digital"]})[SLX]
    rows = frames()["estimates"].set_index(["set", "equation", "term"])
    for j, term in enumerate(("digital", "W_digital")):
        row = rows.loc[(LEAST_SQUARES, SLX, term)]
        assert_allclose(form.two_stage[0][j], row["estimate"], rtol=1e-8)
        assert_allclose(np.sqrt(form.two_stage[1][j, j]), row["std_error"], rtol=1e-8)


def test_instruments_that_the_effects_absorb_are_refused_with_what_would_help():
    T, n = headline().panel.T, headline().panel.n
    constant = np.broadcast_to(np.arange(float(n)), (T, n))
    with pytest.raises(IdentificationError, match="interact it with a national series"):
        check_varies(constant, "telephones", "twoways")
    found = endogeneity_frames(
        headline(), "digital", {"telephones": constant}, {}, direct=[], compared=["urbanisation"]
    )
    assert "absorbed" in found["verdicts"]["reason"].iloc[0]
    with pytest.raises(DataError, match="missing_is_zero"):
        built({**ENTRIES["shift_share"], "missing_is_zero": False})
    with pytest.raises(DataError, match="different units"):
        built({"kind": "shift_share", "sectors": ["software_revenue", "population_resident"]})


def test_a_set_without_a_rank_test_does_not_survive():
    assert not survives([], "z")
    assert instrument_sets(["z"]) == {"z": ["z"]}


def test_tables_and_figure_are_made_in_both_languages(labels):
    found = frames()
    objected = objections(ENTRIES, labels)
    assert len(objected) == len(ENTRIES)
    table = endogeneity_table(
        found, labels, TableOptions(), term="digital", direct=SECTION["direct_effects"], notes=objected
    )
    assert table.display.shape[1] == 1 + len(instrument_sets(list(ENTRIES)))
    assert "(−∞, ∞)" in table.display.to_numpy().ravel()
    assert labels.text("endogeneity.no") in table.display.iloc[-1].tolist()
    omitted = sensitivity_table(found["sensitivity"], labels, TableOptions(), compared=SECTION["benchmarks"])
    assert omitted.display.shape == (7 + len(SECTION["benchmarks"]), 2)
    endogeneity_figure(found["estimates"], found["tests"], labels, term="digital", level=0.95)


def test_mistakes_of_the_section_are_found_before_any_job():
    def problems(**changed):
        config = {**CONFIG, "endogeneity": {**SECTION, **changed}}
        return ANALYSIS.check(Draft(config, ROWS, headline().panel.variables))

    assert problems() == []
    (wrong,) = problems(instruments={"z": {"kind": "column", "variable": "lightening"}})
    assert "lightening" in wrong.found
    (inside,) = problems(instruments={"z": {"kind": "column", "variable": "urbanisation"}})
    assert "regressor of the headline" in inside.found
    (control,) = problems(benchmarks=["densty"])
    assert "densty" in control.found


def test_a_benchmark_that_is_no_control_is_left_out_and_named(labels):
    rows = sensitivity_rows(parts_of(headline(), "digital"), "digital", ["urbanisation", "density"])
    table = sensitivity_table(
        pd.DataFrame(rows), labels, TableOptions(), compared=["urbanisation", "density"]
    )
    assert table.display.shape == (8, 2) and labels.term("density") in table.note()
