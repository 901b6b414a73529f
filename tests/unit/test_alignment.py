"""Everything that carries labels is found by label; what has none is in order, or refused."""

import numpy as np
import pandas as pd
import pytest

from shuyi.alignment import by_unit, unlabelled
from shuyi.errors import AlignmentError, ConfigError
from shuyi.esda import residual_moran
from shuyi.panel import Panel
from shuyi.regions import Grouping
from shuyi.spatialpanel import OLS, SAR
from shuyi.spatialpanel.diagnostics import pesaran_cd
from shuyi.spatialpanel.diagnostics.dependence import breusch_pagan_dependence, mean_absolute_correlation
from shuyi.spatialpanel.diagnostics.serial import serial_correlation
from shuyi.weights import Weights

N, T = 12, 8
UNITS = tuple(f"u{i:02d}" for i in range(N))
RNG = np.random.default_rng(7)
PANEL = Panel(RNG.normal(size=(T, N, 2)), UNITS, tuple(range(2001, 2001 + T)), ("y", "x"))
RING = np.roll(np.eye(N), 1, 1) / 2 + np.roll(np.eye(N), -1, 1) / 2
W = Weights.from_frame(pd.DataFrame(RING, UNITS, UNITS))
GROUP = [f"g{i % 4}" for i in range(N)]
SHUFFLED = list(RNG.permutation(UNITS))
MODEL = {"outcome": "y", "regressors": ["x"], "effects": "individual"}
CLUSTERED = ("cluster", "cluster_jackknife")


def errors(covariance, **options):
    return SAR(PANEL, W, **MODEL).fit("exact", covariance, covariance_options=options).standard_errors


@pytest.mark.parametrize("covariance", CLUSTERED)
@pytest.mark.parametrize(
    "form",
    [
        lambda s: s,
        lambda s: s[SHUFFLED],
        lambda s: s[SHUFFLED].to_dict(),
        lambda s: pd.concat([s[SHUFFLED], pd.Series({"elsewhere": "g0"})]),
        lambda s: s.astype("category")[SHUFFLED],
        lambda s: Grouping("own", UNITS, tuple(s)),
        lambda s: list(s),
        lambda s: s.to_numpy(),
    ],
)
def test_groups_are_found_by_label(covariance, form):
    groups = form(pd.Series(GROUP, index=UNITS))
    np.testing.assert_array_equal(errors(covariance, groups=groups), errors(covariance, groups=GROUP))


@pytest.mark.parametrize("covariance", CLUSTERED)
@pytest.mark.parametrize(
    "groups",
    [
        pd.Series(GROUP),
        pd.Series(GROUP, index=UNITS).iloc[1:],
        pd.Series([None, *GROUP[1:]], index=UNITS),
        pd.Series([*GROUP, "g1"], index=[*UNITS, UNITS[0]]),
        pd.DataFrame({"g": GROUP}, index=UNITS),
        dict.fromkeys(UNITS[:-1], "g"),
        GROUP[:-1],
        "region",
    ],
)
def test_groups_of_other_units_are_refused(covariance, groups):
    with pytest.raises(AlignmentError, match="groups"):
        errors(covariance, groups=groups)


def test_the_note_counts_groups_and_not_keys():
    fit = OLS(PANEL, **MODEL).fit(
        "exact", "cluster", covariance_options={"groups": dict(zip(UNITS, GROUP, strict=True))}
    )
    assert any("4 clusters" in note for note in fit.notes)


LON, LAT = RNG.uniform(80, 130, N), RNG.uniform(20, 50, N)
DEGREES = pd.DataFrame({"longitude": LON, "latitude": LAT}, index=UNITS)


@pytest.mark.parametrize(
    "coordinates",
    [
        DEGREES[["latitude", "longitude"]].loc[SHUFFLED],
        DEGREES.rename(columns={"longitude": "lon", "latitude": "lat"}),
        {u: (lon, lat) for u, lon, lat in zip(UNITS, LON, LAT, strict=True)},
        DEGREES.to_numpy(),
    ],
)
def test_coordinates_are_found_by_unit_and_by_axis(coordinates):
    found = errors("conley", cutoff=900.0, coordinates=coordinates)
    np.testing.assert_array_equal(found, errors("conley", cutoff=900.0, coordinates=DEGREES))


@pytest.mark.parametrize(
    ("coordinates", "error"),
    [
        (DEGREES.set_axis([0, 1], axis=1), AlignmentError),
        (DEGREES.iloc[1:], AlignmentError),
        (DEGREES[["latitude", "longitude"]].to_numpy(), ConfigError),
        (DEGREES.reset_index(drop=True), AlignmentError),
    ],
)
def test_other_coordinates_are_refused(coordinates, error):
    with pytest.raises(error):
        errors("conley", cutoff=900.0, coordinates=coordinates)


def test_distances_are_found_on_both_axes():
    matrix = np.abs(np.subtract.outer(np.arange(N), np.arange(N))) * 1.0
    frame = pd.DataFrame(matrix, UNITS, UNITS)
    mixed = frame.loc[SHUFFLED, SHUFFLED[::-1]]
    found = errors("conley", cutoff=3.0, distances=mixed)
    np.testing.assert_array_equal(found, errors("conley", cutoff=3.0, distances=matrix))
    for wrong in (frame.iloc[1:], frame.set_axis(range(N), axis=1), pd.Series(matrix[0], UNITS)):
        with pytest.raises(AlignmentError):
            errors("conley", cutoff=3.0, distances=wrong)


def test_weights_by_period_are_found_by_period():
    other = Weights.from_frame(pd.DataFrame(np.roll(np.eye(N), 2, 1), UNITS, UNITS))
    listed = [W if t % 2 else other for t in PANEL.periods]
    mapped = dict(reversed([*zip(PANEL.periods, listed, strict=True)]))
    fits = [SAR(PANEL, w, **MODEL).fit("exact").values for w in (listed, mapped)]
    np.testing.assert_array_equal(*fits)
    del mapped[2003]
    with pytest.raises(AlignmentError, match="none for 2003"):
        SAR(PANEL, mapped, **MODEL)


def test_tests_of_residuals_take_a_fit_and_no_labels():
    fit = OLS(PANEL, **MODEL).fit()
    e = fit.residual_values
    assert pesaran_cd(fit).statistic == pesaran_cd(e).statistic
    assert serial_correlation(fit).statistic == serial_correlation(e).statistic
    assert mean_absolute_correlation(fit) == mean_absolute_correlation(e)
    assert breusch_pagan_dependence(fit)[0].statistic == breusch_pagan_dependence(e)[0].statistic
    for test in (pesaran_cd, serial_correlation, mean_absolute_correlation, breusch_pagan_dependence):
        with pytest.raises(AlignmentError, match="labels"):
            test(fit.residuals)
    with pytest.raises(AlignmentError, match="labels"):
        residual_moran(pd.DataFrame(e, columns=SHUFFLED), UNITS, PANEL.periods, W, permutations=0, seed=1)


def test_a_spatial_lag_takes_no_labels_and_says_its_shape():
    with pytest.raises(AlignmentError, match="labels"):
        W.lag(pd.DataFrame(PANEL["y"], columns=SHUFFLED))
    with pytest.raises(AlignmentError, match=r"values\[None\]"):
        W.lag(PANEL["y"][0])


def test_arrays_and_lists_have_no_labels():
    assert by_unit(["a", "b"], ("1", "2"), "groups") == ["a", "b"]
    assert by_unit({2: "b", 1: "a"}, ("1", "2"), "groups") == ["a", "b"]
    np.testing.assert_array_equal(unlabelled([[1, 2]], "x", "y"), [[1.0, 2.0]])


def test_a_region_that_is_missing_is_no_region():
    with pytest.raises(AlignmentError):
        Grouping.from_mapping("own", pd.Series(["E", np.nan], index=["a", "b"]), ["a", "b"])
