"""The ledger of the sample: the plain ledger times the changes, brute force, intervals, the table."""

from functools import cache

import numpy as np
from headline_case import SPECIFICATION, headline
from numpy.testing import assert_allclose

from shuyi.analyses.ledger.actual import GROUPED, PLAIN, actual_frame
from shuyi.analyses.ledger.frames import first_tiers
from shuyi.analyses.ledger.tables import actual_table
from shuyi.analyses.tiers.classification import classify
from shuyi.china.places import PLACES
from shuyi.publish.numbers import TableOptions
from shuyi.spatialpanel import fit
from shuyi.spatialpanel.effects import reference_quantile
from shuyi.spatialpanel.group_effects import fit_groups, period_blocks

ROUNDING = {"rtol": 1e-8, "atol": 1e-12}


@cache
def tiers():
    panel = headline().panel
    found = classify(panel["digital"], units=panel.units, periods=panel.periods, method="quantile")
    return first_tiers(found.to_frame())


@cache
def frame():
    own = headline()
    return actual_frame(*(own.panel, own.weights, SPECIFICATION, tiers()), term="digital", level=0.95)


def of(model):
    return frame()[frame()["model"] == model].set_index("unit")


def test_under_one_coefficient_it_is_the_ledger_times_the_changes():
    own = headline()
    plain = fit(own.panel, own.weights, SPECIFICATION)
    matrix = plain.effect_matrix("digital").to_numpy()
    off = matrix - np.diag(np.diag(matrix))
    change = own.panel["digital"][-1] - own.panel["digital"][0]
    assert_allclose(of(PLAIN)["given"], off.sum(axis=0) * change, **ROUNDING)
    assert_allclose(of(PLAIN)["received"], off @ change, **ROUNDING)
    assert_allclose(of(PLAIN)["net"], of(PLAIN)["given"] - of(PLAIN)["received"], **ROUNDING)


def test_all_that_is_given_is_received():
    for model in (PLAIN, GROUPED):
        assert_allclose(of(model)["given"].sum(), of(model)["received"].sum(), **ROUNDING)
        assert_allclose(of(model)["net"].sum(), 0, atol=1e-10)


def test_intervals_follow_from_the_slopes_of_the_matrix():
    from dataclasses import replace

    own = headline()
    groups = {u: tiers()[u] for u in own.panel.units}
    found = fit_groups(
        *(own.panel, own.weights),
        outcome="ln_gdp_pc",
        regressors=SPECIFICATION.regressors,
        term="digital",
        groups=groups,
        by="sender",
    )
    effect, slopes, cov = period_blocks(found)
    names = [*(b.name for b in found.blocks), "rho"]
    for k, name in enumerate(names):
        values = found.fit.values.copy()
        values[found.fit.names.index(name)] += 1e-6
        moved = period_blocks(replace(found, fit=replace(found.fit, values=values)))[0]
        assert_allclose(slopes[k], (moved - effect) / 1e-6, rtol=1e-4, atol=1e-6)
    i = own.panel.units.index("110000")
    change = own.panel["digital"][-1] - own.panel["digital"][0]
    side = (slopes[:, :, i].sum(axis=1) - slopes[:, i, i]) * change[i]
    reach = reference_quantile(0.95, 30)[0] * np.sqrt(side @ cov @ side)
    row = of(GROUPED).loc["110000"]
    assert_allclose((row["given_high"] - row["given_low"]) / 2, reach, rtol=1e-6)


def test_groups_tell_senders_apart_beyond_their_place_in_the_weights():
    columns = headline().weights.to_dense().sum(axis=0)
    per_unit = {m: of(m)["given"].to_numpy() / of(m)["change"].to_numpy() for m in (PLAIN, GROUPED)}
    shares = {m: np.corrcoef(v, columns)[0, 1] ** 2 for m, v in per_unit.items()}
    assert shares[PLAIN] > 0.9 > shares[GROUPED]


def test_the_table_is_made_in_both_languages(labels):
    facts = {"term": "digital", "outcome": "ln_gdp_pc", "level": 0.95, "serial_p": 0.01}
    facts |= {"effects": "twoways", "correction": "lee_yu", "covariance": "cluster_jackknife"}
    own = labels
    table = actual_table(
        frame(), with_tiers(own), TableOptions(), facts=facts, names=PLACES.names(own.language)
    )
    assert table.display.shape == (31, 9)


def with_tiers(labels):
    from dataclasses import replace

    words = {f"tier.{name}": name for name in ("lagging", "transition", "frontier")}
    return replace(labels, texts={**labels.texts, **words})
