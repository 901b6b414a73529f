"""Rolling elimination of pilots: a worked example, identities, sensitivity to weights, refusals, print."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from shuyi.analyses.pilots.evaluation import Rule, Scores, evaluate, sensitivity
from shuyi.analyses.pilots.figures import sensitivity_figure
from shuyi.analyses.pilots.frames import pilot_frames
from shuyi.analyses.pilots.tables import evaluation_table
from shuyi.errors import ConfigError, DataError
from shuyi.publish.numbers import TableOptions

CRITERIA = ("policy_fit", "implementation", "recognition")
SETTINGS = {
    "weights": {"policy_fit": 0.4, "implementation": 0.3, "recognition": 0.3},
    **{"window": 2, "quantile": 0.25, "runs": 2, "draws": 400, "concentration": 50},
}
RULE = Rule(SETTINGS["weights"], 2, 0.25, 2)
ROUNDING = 1e-12


def table(values, years=range(2019, 2024)):
    rows = [
        (pilot, year, *np.asarray(scores, float)[t])
        for pilot, scores in values.items()
        for t, year in enumerate(years)
    ]
    return pd.DataFrame(rows, columns=["pilot", "year", *CRITERIA])


def scores(seed=1, n=8):
    rng = np.random.default_rng(seed)
    level = rng.uniform(40, 90, (n, 3))
    return Scores.from_frame(
        table({f"p{i}": level[i] + rng.normal(0, 5, (5, 3)) for i in range(n)}), CRITERIA
    )


def test_a_worked_example():
    """Averages of two years from 2020; b and then, among the three left, nobody twice."""
    one = {name: [[value] * 3] * 5 for name, value in (("a", 90), ("b", 10), ("c", 50), ("d", 70), ("e", 60))}
    found = evaluate(Scores.from_frame(table(one), CRITERIA), RULE)
    assert_allclose(found.average[1:], found.score[1:])
    # the lower quartile of 10, 50, 60, 70, 90 is 50: only b lies below; out after 2021
    assert found.threshold[1] == 50.0
    assert found.dropped.tolist() == [-1, 2, 4, -1, -1]
    # then of 50, 60, 70, 90 it is 57.5: c lies below in 2022 and 2023
    assert found.threshold[3] == 57.5


def test_averages_and_weights_are_the_definition():
    known = scores()
    found = evaluate(known, RULE)
    assert_allclose(found.score, known.values @ np.array([0.4, 0.3, 0.3]), rtol=ROUNDING)
    assert_allclose(found.average[1:], (found.score[1:] + found.score[:-1]) / 2, rtol=ROUNDING)
    assert np.isnan(found.average[0]).all()


def test_many_weights_at_once_are_each_by_itself():
    known, shares = scores(), np.random.default_rng(2).dirichlet((1, 1, 1), 40)
    together = evaluate(known, RULE, shares).dropped
    for share, row in zip(shares, together, strict=True):
        one = Rule(dict(zip(CRITERIA, share, strict=True)), 2, 0.25, 2)
        assert_array_equal(evaluate(known, one).dropped, row)


def test_equal_criteria_leave_nothing_to_the_weights():
    rng = np.random.default_rng(3)
    same = {f"p{i}": np.repeat(rng.uniform(0, 100, (5, 1)), 3, axis=1) for i in range(8)}
    known = Scores.from_frame(table(same), CRITERIA)
    share = sensitivity(known, RULE, draws=200)
    assert_array_equal(share, evaluate(known, RULE).dropped >= 0)


def test_shares_follow_the_seed_and_narrow_with_the_concentration():
    known = scores(4)
    assert_array_equal(sensitivity(known, RULE, seed=5), sensitivity(known, RULE, seed=5))
    near = sensitivity(known, RULE, concentration=1e9)
    assert_array_equal(near, evaluate(known, RULE).dropped >= 0)


def test_a_criterion_without_weight_stays_without():
    known = scores(5)
    other = Scores(known.pilots, known.years, known.criteria, known.values.copy())
    other.values[:, :, 2] = 0.0
    rule = Rule({"policy_fit": 1, "implementation": 1, "recognition": 0}, 2, 0.25, 2)
    assert_array_equal(sensitivity(known, rule), sensitivity(other, rule))


def test_pilots_may_begin_later_and_end_earlier():
    frame = table({f"p{i}": np.full((5, 3), 10.0 * i) for i in range(5)})
    frame = frame[~((frame["pilot"] == "p4") & (frame["year"] < 2021))]
    known = Scores.from_frame(frame, CRITERIA)
    found = evaluate(known, RULE)
    assert np.isnan(found.average[2, 4]) and found.average[3, 4] == pytest.approx(40)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.drop(columns="recognition"), "lacks columns"),
        (lambda t: t.rename(columns={"pilot": "name"}), "lacks columns"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "twice in a year"),
        (
            lambda t: t.assign(policy_fit=t["policy_fit"].astype(object).where(t.index != 3, "?")),
            "lines 5",
        ),
        (lambda t: t.assign(policy_fit=t["policy_fit"].where(t.index != 3, np.inf)), "lines 5"),
        (lambda t: t.assign(year=t["year"].astype(object).where(t.index != 3, "2022a")), "lines 5"),
        (lambda t: t.drop(index=2), "between others"),
        (lambda t: t.iloc[:0], "no rows"),
    ],
)
def test_files_that_cannot_be_used_are_refused(spoil, message):
    whole = table({"a": np.ones((5, 3)), "b": np.ones((5, 3))})
    with pytest.raises(DataError, match=message):
        Scores.from_frame(spoil(whole), CRITERIA)


@pytest.mark.parametrize(
    "options",
    [
        {"weights": {}}, {"weights": {"a": 0.0}}, {"weights": {"a": -1.0, "b": 2.0}},
        {"weights": {"a": np.nan}},
        {"window": 0}, {"quantile": 1.0}, {"runs": 0},
    ],
)  # fmt: skip
def test_rules_that_cannot_be_applied_are_refused(options):
    with pytest.raises(ConfigError):
        Rule(**{"weights": {"a": 1.0}, **options})


@pytest.mark.parametrize("concentration", [0, -1, np.inf, np.nan])
def test_a_concentration_is_a_positive_number(concentration):
    with pytest.raises(ConfigError, match="concentration"):
        sensitivity(scores(), RULE, concentration=concentration)


def test_frames_table_and_figure(labels):
    found = pilot_frames(scores(), RULE, draws=400, concentration=50, seed=1)
    fate = found["sensitivity"]
    assert set(found["eliminations"]["pilot"]) == set(fate.loc[fate["dropped"].notna(), "pilot"])
    assert ((fate["share"] >= 0) & (fate["share"] <= 1)).all()
    made = evaluation_table(found["scores"], fate, labels, TableOptions(), SETTINGS)
    assert made.display.shape == (8, 7)
    assert "policy_fit" not in made.display.columns
    assert len(sensitivity_figure(fate, labels).axes[0].get_yticks()) == 8
