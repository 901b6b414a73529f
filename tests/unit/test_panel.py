import numpy as np
import pandas as pd
import pytest

from shuyi.errors import AlignmentError, DataError
from shuyi.panel import Panel, stack, unstack


@pytest.fixture
def frame():
    index = pd.MultiIndex.from_product([["b", "a"], [2001, 2000]], names=["unit", "period"])
    return pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [5, 6, 7, 8]}, index=index)


def test_from_frame_sorts_periods_and_keeps_units(frame):
    panel = Panel.from_frame(frame)
    assert panel.units == ("b", "a")
    assert panel.periods == (2000, 2001)
    np.testing.assert_array_equal(panel["x"], [[2.0, 4.0], [1.0, 3.0]])


def test_frame_round_trip(frame):
    panel = Panel.from_frame(frame)
    again = Panel.from_frame(panel.to_frame())
    np.testing.assert_array_equal(again.values, panel.values)


def test_rows_in_any_order_give_the_same_cells(frame):
    shuffled = Panel.from_frame(frame.iloc[[3, 0, 2, 1]]).select(units=["b", "a"])
    np.testing.assert_array_equal(shuffled.values, Panel.from_frame(frame).values)


def test_stacking_is_period_major(frame):
    panel = Panel.from_frame(frame)
    np.testing.assert_array_equal(stack(panel["x"]), [2.0, 4.0, 1.0, 3.0])
    np.testing.assert_array_equal(unstack(stack(panel.values), 2), panel.values)


def test_select_follows_the_order_asked_for(frame):
    panel = Panel.from_frame(frame).select(units=["a"], periods=[2001])
    assert panel.values.tolist() == [[[3.0, 7.0]]]
    with pytest.raises(AlignmentError, match="not in the panel: z"):
        panel.select(units=["z"])


def test_with_variables_adds_and_replaces(frame):
    panel = Panel.from_frame(frame)
    more = panel.with_variables({"z": panel["x"] * 2, "x": panel["x"] + 1}, {"z": "km"})
    np.testing.assert_array_equal(more["z"], panel["x"] * 2)
    np.testing.assert_array_equal(more["x"], panel["x"] + 1)
    assert more.measures["z"] == "km"


def test_values_cannot_be_changed(frame):
    with pytest.raises(ValueError, match="read-only"):
        Panel.from_frame(frame).values[0, 0, 0] = 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.iloc[:3], r"unbalanced(.|\n)*missing: \('a', 2000\)"),
        (lambda f: pd.concat([f, f.iloc[:1]]), r"more than one row(.|\n)*\('b', 2001\)"),
        (lambda f: f.assign(x=["1", "2", "3", "4"]), r"numbers only(.|\n)*not numeric: x"),
        (lambda f: f.reset_index(drop=True), r"two-level index"),
    ],
)
def test_refusals(frame, change, message):
    with pytest.raises(DataError, match=message):
        Panel.from_frame(change(frame))


def test_unknown_variable_names_the_nearest(frame):
    with pytest.raises(DataError, match="no variable 'xx'"):
        Panel.from_frame(frame)["xx"]


def test_frames_of_any_order_and_level_give_the_same_panel():
    index = pd.MultiIndex.from_product([["b", "a", "c"], [2003, 2001, 2002]], names=["unit", "period"])
    frame = pd.DataFrame({"x": np.arange(9.0), "y": np.arange(9), "z": np.arange(9) > 4}, index=index)
    whole = Panel.from_frame(frame)
    assert whole.units == ("b", "a", "c") and whole.periods == (2001, 2002, 2003)
    for unit, period in index:
        cell = whole.values[whole.periods.index(period), whole.units.index(unit)]
        np.testing.assert_array_equal(cell, frame.loc[(unit, period)].astype(float))
    shuffled = Panel.from_frame(frame.sample(frac=1, random_state=3)).select(units=whole.units)
    np.testing.assert_array_equal(shuffled.values, whole.values)
    some = Panel.from_frame(frame.drop(index="a", level="unit"))
    assert some.units == ("b", "c")
    np.testing.assert_array_equal(some.values, whole.select(units=["b", "c"]).values)
    chosen = Panel.from_frame(frame, variables=["z", "x"])
    assert chosen.variables == ("z", "x")
    np.testing.assert_array_equal(chosen.values, whole.array(["z", "x"]))
    nullable = Panel.from_frame(frame.astype({"y": "Int64"}))
    np.testing.assert_array_equal(nullable.values, whole.values)
