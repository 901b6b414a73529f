"""Periods are what their labels name, in order; roles of the index are known or asked for."""

import numpy as np
import pandas as pd
import pytest

from shuyi.errors import DataError
from shuyi.panel import Panel, check_evenly_spaced, steps_between
from shuyi.periods import Period

UNITS = ["a", "b", "c"]


def frame(periods, units=UNITS, names=(None, None)):
    index = pd.MultiIndex.from_product([units, periods], names=names)
    return pd.DataFrame({"x": np.arange(float(len(index)))}, index=index)


def quarters(*texts):
    return tuple(Period.of("quarter", int(t[:4]), int(t[-1])) for t in texts)


@pytest.mark.parametrize(
    ("labels", "periods"),
    [
        (["1", "10", "2"], (1, 2, 10)),
        (["2011", "2012"], (2011, 2012)),
        ([2011.0, 2012.0], (2011, 2012)),
        (["2011年", "2012年"], (2011, 2012)),
        (pd.to_datetime(["2011-12-31", "2012-12-31"]), (2011, 2012)),
        (pd.to_datetime(["2011-01-01", "2012-01-01"]).tz_localize("Asia/Shanghai"), (2011, 2012)),
        (pd.period_range("2011", periods=2, freq="Y"), (2011, 2012)),
        (pd.period_range("2011Q4", periods=2, freq="Q"), quarters("2011Q4", "2012Q1")),
        (["2012Q1", "2011Q4"], quarters("2011Q4", "2012Q1")),
    ],
)
def test_periods_are_read_and_sorted_as_what_they_name(labels, periods):
    data = frame(labels)
    panel = Panel.from_frame(data)
    assert panel.periods == periods
    last = labels[list(panel.periods).index(max(periods))] if labels[0] in periods else None
    assert last is None or panel["x"][-1, 0] == data.loc[("a", last), "x"]


def test_values_follow_text_periods():
    panel = Panel.from_frame(frame(["1", "10", "2"]))
    assert panel["x"][:, 0].tolist() == [0.0, 2.0, 1.0]


@pytest.mark.parametrize(
    "labels",
    [
        ["year one", "year two"],
        [2011.5, 2012.5],
        [2011 + 1.5 * k for k in range(4)],
        [2011 + k / 4 for k in range(6)],
        ["2011", "2011Q1"],
        pd.to_datetime(["2011-12-31 10:00", "2012-12-31 10:00"]),
        [True, False],
    ],
    ids=str,
)
def test_labels_that_name_no_periods_are_refused(labels):
    with pytest.raises(DataError):
        Panel.from_frame(frame(labels))


def test_two_labels_of_one_period_are_refused():
    with pytest.raises(DataError):
        Panel.from_frame(frame(["1", "01"]))


def test_missing_labels_and_empty_frames_are_refused():
    with pytest.raises(DataError, match="no rows"):
        Panel.from_frame(frame([2011, 2012]).iloc[:0])
    for labels in (["a", None], ["a", np.nan]):
        with pytest.raises(DataError, match="have no unit"):
            Panel.from_frame(frame([2011, 2012], units=labels))
    with pytest.raises(DataError, match="have no period"):
        Panel.from_frame(frame([2011, np.nan]))


def test_periods_of_a_panel_increase():
    panel = Panel.from_frame(frame([2011, 2012, 2013]))
    with pytest.raises(DataError, match="increase"):
        panel.select(periods=[2013, 2011])
    assert panel.select(periods=["2011", "2013"]).periods == (2011, 2013)


@pytest.mark.parametrize(
    ("units", "periods", "names"),
    [
        (range(2000, 2004), UNITS, (None, None)),
        (range(2000, 2004), range(1, 6), (None, None)),
        (range(2000, 2004), ["110000", "120000"], (None, None)),
        (range(4), range(3), ("year", "unit")),
        (range(4), range(3), ("year", None)),
        (range(4), range(3), (None, "province")),
        (UNITS, [2000, 2001], ("年份", "省份")),
        (pd.to_datetime(["2011-12-31", "2012-12-31"]), UNITS, (None, None)),
        (["2011Q1", "2011Q2"], range(5), (None, None)),
    ],
    ids=str,
)
def test_swapped_levels_are_refused_with_the_mend(units, periods, names):
    with pytest.raises(DataError, match=r"swaplevel\(\)"):
        Panel.from_frame(frame(periods, units, names))


@pytest.mark.parametrize(
    ("units", "periods"), [(range(4), range(3)), (range(3), range(3)), (range(2000, 2004), range(2010, 2013))]
)
def test_levels_that_could_be_either_are_refused_until_named(units, periods):
    with pytest.raises(DataError, match=r"index\.names"):
        Panel.from_frame(frame(periods, units))
    assert Panel.from_frame(frame(periods, units, ("id", None))).periods == tuple(periods)
    assert Panel.from_frame(frame(periods, units, (None, "year"))).periods == tuple(periods)


def test_codes_and_years_need_no_names():
    assert Panel.from_frame(frame([2011, 2012], [110000, 120000])).units == ("110000", "120000")
    assert Panel.from_frame(frame([2011, 2012], range(40))).T == 2


def test_gaps_are_named_with_the_longest_run():
    with pytest.raises(DataError, match=r"missing: 2003\n.*longest being 2004 to 2006"):
        check_evenly_spaced((2001, 2002, 2004, 2005, 2006), "A lag")
    assert check_evenly_spaced((2000, 2010, 2020), "A lag") == 10
    assert check_evenly_spaced(quarters("2011Q4", "2012Q1"), "A lag") == 1


def test_distance_in_time_is_counted_in_steps():
    assert steps_between((2001, 2002, 2005)).tolist() == [0, 1, 4]
    assert steps_between((2000, 2010, 2020)).tolist() == [0, 1, 2]
    assert steps_between(quarters("2011Q4", "2012Q1", "2012Q3")).tolist() == [0, 1, 3]


@pytest.mark.parametrize(
    "columns", [["x", "x"], ["x", "unit"], ["x", "period"], ["x", ""], ["x", " "], ["x", None]]
)
def test_columns_have_one_name_each_of_their_own(columns):
    data = pd.concat([frame([2011, 2012])] * 2, axis=1)
    data.columns = columns
    with pytest.raises(DataError, match="name"):
        Panel.from_frame(data)


def test_a_column_that_pandas_named_is_refused():
    with pytest.raises(DataError, match="without a name"):
        Panel.from_frame(frame([2011, 2012]).rename(columns={"x": "Unnamed: 0"}))


def test_labelled_columns_are_not_taken_by_position():
    panel = Panel.from_frame(frame([2011, 2012]))
    with pytest.raises(DataError, match="labels"):
        panel.with_variables({"y": pd.DataFrame(np.zeros((2, 3)))})
    with pytest.raises(DataError, match="does not fit"):
        panel.with_variables({"y": np.zeros((3, 2))})


def test_a_variable_of_both_panels_is_not_replaced():
    panel = Panel.from_frame(frame([2011, 2012]))
    with pytest.raises(DataError, match="in both: x"):
        panel.join(panel)


@pytest.mark.parametrize("wrong", [np.inf, -np.inf, float("1e400")])
def test_infinite_cells_are_refused(wrong):
    data = frame([2011, 2012])
    data.iloc[2, 0] = wrong
    with pytest.raises(DataError, match="infinite: x"):
        Panel.from_frame(data)
