"""Responses: identities with the fit's own ledger and effects, the draws as data, scenarios."""

import numpy as np
import pandas as pd
import pytest

from shuyi.analyses.explorer import contents, responses
from shuyi.analyses.ledger.frames import estimates_by_weights, parameters_frame
from shuyi.errors import ConfigError
from shuyi.panel import Panel
from shuyi.spatialpanel import Specification
from shuyi.spatialpanel.effects import quasi_normal, reference_quantile
from shuyi.weights import Weights

EXACT = 1e-11
"""Solutions of systems of a few units in double precision, by two algorithms."""
UNITS, PERIODS = tuple("abcdefg"), tuple(range(2001, 2009))
DRAWS, SEED = 100, 5
SPECIFICATION = Specification("sdm", "7", "SDM", "sdm", "y", ("x", "z"), weights="near")


def near():
    """Return weights that are not symmetric: each unit looks at the two that follow it."""
    n = len(UNITS)
    dense = np.zeros((n, n))
    for i in range(n):
        dense[i, [(i + 1) % n, (i + 2) % n]] = 0.7, 0.3
    return Weights.coerce(pd.DataFrame(dense, index=list(UNITS), columns=list(UNITS)))


@pytest.fixture(scope="module")
def estimated():
    values = np.random.default_rng(2).lognormal(size=(len(PERIODS), len(UNITS), 3))
    panel = Panel(values, UNITS, PERIODS, ("y", "x", "z"))
    return estimates_by_weights(panel, {"near": near()}, SPECIFICATION, (), ("information", "robust"))


@pytest.fixture(scope="module")
def drawn(estimated):
    frame = parameters_frame(estimated)
    return responses.drawn_parameters(frame, SPECIFICATION, draws=DRAWS, seed=SEED)


def test_responses_to_a_rise_everywhere_else_are_those_of_the_ledger(estimated, drawn):
    fit = estimated[0].fits["information"]
    wide = reference_quantile(0.9, len(UNITS) - 1)[1]
    ledger = fit.ledger("x", draws=DRAWS, seed=SEED, level=wide)
    for i, unit in enumerate(UNITS):
        frame = responses.scenario_frame("one", {unit: 1.0}, drawn[0], near(), "x", 0.9).set_index("unit")
        matrix = fit.effect_matrix("x")
        np.testing.assert_allclose(frame.loc[list(UNITS), "total"], matrix[unit], atol=EXACT)
        for end in ("", "_low", "_high"):
            given = frame.loc[responses.ALL, f"neighbours{end}"]
            assert given == pytest.approx(ledger.loc[i, f"given{end}"], abs=EXACT)


def test_mean_responses_to_a_rise_of_one_in_all_units_are_the_effects(estimated, drawn):
    effects = estimated[0].fits["robust"].effects(draws=0).to_frame().set_index(["term", "component"])
    frame = responses.scenario_frame("all", dict.fromkeys(UNITS, 1.0), drawn[1], near(), "z", 0.95)
    means = frame[frame["unit"] != responses.ALL][list(responses.PARTS)].mean()
    for part, component in zip(responses.PARTS, ("direct", "indirect", "total"), strict=True):
        assert means[part] == pytest.approx(effects.loc[("z", component), "estimate"], abs=EXACT)


def test_hessenberg_form_and_digits_are_the_weights_and_the_draws(drawn):
    made = responses.material(drawn, {"near": near()}, 0.95)
    system = made["systems"]["near"]
    h, q = np.array(system["hessenberg"]), np.array(system["basis"])
    np.testing.assert_allclose(q @ h @ q.T, near().to_dense(), atol=EXACT)
    assert np.allclose(np.tril(h, -2), 0.0, atol=EXACT)
    digits, scale = made["sobol"]["digits"], made["sobol"]["scale"]
    point, points = np.array(digits[0]), []
    for i in range(DRAWS):
        point = point ^ np.array(digits[(i & -i).bit_length()]) if i else point
        points.append(point)
    from scipy.special import ndtri

    normal = ndtri(np.clip(np.array(points) / scale, 1e-12, 1 - 1e-12))
    np.testing.assert_array_equal(normal, quasi_normal(DRAWS, 5, SEED))


def test_draws_that_were_replaced_are_given_with_their_places(drawn):
    narrow = responses.Drawn("near", "robust", drawn[1].at, (-0.05, 0.05), DRAWS, SEED)
    places, values = narrow.redrawn()
    assert 0 < len(places) < DRAWS
    first = narrow.at.values + quasi_normal(DRAWS, 5, SEED) @ narrow.at.root.T
    first[places] = values
    np.testing.assert_array_equal(first, narrow.sample())
    assert (np.abs(narrow.sample()[:, -1]) < 0.05).all()


def test_an_amount_is_shared_or_each_has_it():
    assert responses.rises_of(["a", "q"], UNITS, 0.5, shared=False) == {"a": 0.5}
    shared = responses.rises_of(["a", "b"], UNITS, 0.5, shared=True)
    assert sum(shared.values()) == pytest.approx(0.5 * len(UNITS))
    assert responses.rises_of([], UNITS, 0.5, shared=True) == {}


def test_a_scenario_of_an_unknown_group_names_those_that_there_are():
    groups = {"region": {"West": ["a"], "East": ["b"]}}
    entry = {"grouping": "region", "group": "West", "shared": True}
    assert contents.scenarios_of({"s": entry}, groups)["s"] == {"units": ["a"], "shared": True}
    with pytest.raises(ConfigError, match=r"(?s)'s' names a group.*West, East"):
        contents.scenarios_of({"s": entry | {"group": "Wset"}}, groups)
    with pytest.raises(ConfigError, match="one of region"):
        contents.scenarios_of({"s": entry | {"grouping": "tier"}}, groups)
