"""All families together: adjustment within each, verdicts by rule, and a table of every claim."""

import numpy as np
import pandas as pd
import pytest
from default_paper import SPECIFICATION, both_labels

from shuyi.analyses.families.claims import FAMILIES, MOST, claims_frame
from shuyi.analyses.families.tables import families_table
from shuyi.analyses.multiplicity import adjusted
from shuyi.publish.numbers import TableOptions

SETTINGS = {"multiplicity": "holm", "term": "digital", "level": 0.95, "power": 0.8}
MAIN = ("direct", "indirect", "total")
WEIGHTS = ("contiguity", "nearest_4", "nested")


def rows(p_values, **columns):
    frame = pd.DataFrame({"component": MAIN, "p_value": p_values, "estimate": [0.4, -0.2, 0.1]})
    return frame.assign(detectable=0.5, **columns)


def frames():
    dynamic = {"kind": "dynamic", "dynamics": "tau", "correction": "lee_yu"}
    rings = pd.DataFrame({"low_km": [0.0, 500.0], "high_km": [500.0, 1000.0], "estimate": [0.3, 0.1]})
    joint = pd.DataFrame({"component": ["direct", "indirect"], "statistic": ["median", "share"]})
    return {
        "variants": pd.concat(
            [rows([0.01, 0.2, 0.3], variant="headline"), rows([0.5, 0.6, 0.7], variant="lagged")]
        ),
        "alternatives": pd.concat(
            [rows([0.04, 0.9, 0.9], variant=f"v{i}") for i in range(4)]
            + [rows([0.0001, 0.0001, 0.0001], variant="coordination")]
        ),
        "weights": pd.concat(
            [rows([1.0, p, 1.0], weights=w) for w, p in zip(WEIGHTS, (0.01, 0.03, 0.2), strict=True)]
        ),
        "forms": pd.concat(
            [
                rows([0.5, 0.6, 0.7], kind="differenced", dynamics="", correction="lee_yu", horizon="short"),
                rows([0.001, 0.6, 0.7], horizon="short", **dynamic),
                rows([np.nan, np.nan, np.nan], horizon="long", **dynamic),
            ]
        ),
        "rings": rings.assign(p_value=[0.01, 0.4], p_adjusted=[0.03, 0.8], detectable=0.2),
        "channels": rows([0.2, 0.3, 0.4], name="technology", p_adjusted=[0.6, 0.7, 0.8]),
        "joint": joint.assign(observed=0.1, p_value=[0.5, 0.6]),
        "policy": rows([0.1, 0.2, 0.3], variant="headline", model="slx", permutation_p=0.4).assign(
            component=["direct", "exposure", "treated"]
        ),
    }


def claims():
    return claims_frame(
        frames(), rule="holm", size=0.05, compared="tau", specification=SPECIFICATION.to_dict()
    )


def of(family):
    return claims()[claims()["family"] == family].reset_index(drop=True)


def test_every_family_is_there_and_p_values_are_adjusted_within_it():
    assert list(dict.fromkeys(claims()["family"])) == list(FAMILIES)
    found = of("weights")
    assert list(found["p_adjusted"]) == pytest.approx(list(adjusted([0.01, 0.03, 0.2], "holm")))
    assert (found["tests"] == 3).all()


def test_verdicts_follow_the_adjusted_p_value_and_the_sign():
    assert list(of("headline")["verdict"]) == ["positive", "none"]
    assert list(of("weights")["verdict"]) == ["negative", "none", "none"]
    assert list(of("rings")["verdict"]) == ["positive", "none"]
    assert (of("policy")["p_value"] == 0.4).all()


def test_of_a_large_family_the_strongest_stands_adjusted_for_all():
    found = of("data")
    assert len(found) == 1 and found["tests"].iloc[0] == 10 > MOST
    assert found["p_adjusted"].iloc[0] == pytest.approx(min(1, 10 * 0.04))
    assert "coordination" not in set(found["detail"])


def test_claims_without_a_number_make_no_claim():
    assert list(of("dynamics")["detail"]) == ["short", "short"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_prints_every_claim(language):
    table = families_table(claims(), both_labels()[language], TableOptions(), settings=SETTINGS)
    assert len(table.display) == len(claims())
    assert str(int((claims()["verdict"] != "none").sum())) in table.note()
