"""Fits side by side: every number of every fit, notes that differ, and files that open."""

import io
import re

import numpy as np
import pytest
from docx import Document
from spatial_cases import make_panel, make_weights

from shuyi.errors import ConfigError, DataError
from shuyi.spatialpanel import OLS, SAR, SDM, SEM, SpatialIV, fit_regimes
from shuyi.spatialpanel.least_squares import fit_fixed_effects
from shuyi.spatialpanel.side_by_side import compare

N, T = 12, 6


@pytest.fixture(scope="module")
def fits():
    weights = make_weights("nearest", N)
    panel = make_panel(N, T, weights, seed=5)
    arguments = {"outcome": "y", "regressors": ["x1", "x2"]}
    return [
        OLS(panel, **arguments).fit(),
        SAR(panel, weights, **arguments).fit("exact"),
        SEM(panel, weights, **arguments).fit(),
        SDM(panel, weights, **arguments).fit(covariance="cluster"),
    ]


def test_every_number_of_every_fit(fits):
    found = compare(fits)
    frame = found.to_frame()
    for column, fit in found.fits.items():
        own = frame[column].dropna()
        assert set(own.index) == set(fit.names)
        np.testing.assert_array_equal(own.loc[list(fit.names), "estimate"], fit.values)
        np.testing.assert_array_equal(own.loc[list(fit.names), "std_error"], fit.standard_errors)
    assert list(found.fits) == ["(1) OLS", "(2) SAR", "(3) SEM", "(4) SDM"]
    assert list(frame.index) == ["x1", "x2", "W_x1", "W_x2", "rho", "lam", "sigma2"]
    statistics = found.statistics()
    assert statistics.loc["loglik", "(2) SAR"] == fits[1].loglik
    assert statistics.loc["n_effective", "(4) SDM"] == 55


def test_cells_are_rounded_numbers_with_stars(fits):
    cells = compare(fits, decimals=2).display()
    shown = cells.loc["x1", "(4) SDM"]
    assert float(shown.rstrip("*")) == pytest.approx(fits[3]["x1"], abs=0.005)
    assert shown.endswith("***")
    assert cells.loc["rho", "(1) OLS"] == ""
    assert not cells.loc["sigma2"].str.contains("*", regex=False).any()
    below = cells.iloc[list(cells.index).index("x1") + 1]["(4) SDM"]
    assert below == f"({fits[3].std_errors['x1']:.2f})"


def test_notes_say_what_differs(fits):
    notes = " ".join(compare(fits).notes())
    assert "Outcome: y." in notes
    assert re.search(r"Convention: lee_yu .* in \(1\) OLS, \(3\) SEM, \(4\) SDM; exact", notes)
    assert "cluster in (4) SDM" in notes
    assert "(4) SDM: Standard errors from 12 clusters" in notes
    assert "do not compare" in notes
    assert "none in (1) OLS" in notes
    assert "do not compare" not in " ".join(compare(fits[2:]).notes())


def test_files_hold_the_cells(fits):
    found = compare({"a": fits[1], "b": fits[3]}, title="Two models")
    shown = found.display().loc["rho", "b"].rstrip("*")
    latex, html = found.to_latex(), found.to_html()
    assert shown in latex and r"W\_x1" in latex and "Two models" in latex
    assert shown in html and "W_x1" in html
    document = Document(io.BytesIO(found.to_docx()))
    text = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any(shown in cell for cell in text)


def test_files_are_the_same_every_time(fits):
    first, second = compare(fits), compare(fits)
    assert first.to_latex() == second.to_latex()
    assert first.to_html() == second.to_html()
    assert first.to_docx() == second.to_docx()


def test_one_fit_converts_by_itself(fits):
    fit = fits[3]
    frame = fit.to_frame(0.9)
    np.testing.assert_array_equal(frame["estimate"], fit.values)
    np.testing.assert_array_equal(frame["ci_low"], fit.conf_int(0.9)["low"])
    assert "SDM" in fit.to_latex() and "rho" in fit.to_html()
    assert fit.to_docx()[:2] == b"PK"


def test_text(fits):
    text = repr(compare(fits))
    assert "(2) SAR" in text and "Convention" in text


def test_refusals(fits):
    with pytest.raises(ConfigError, match="found: none"):
        compare([])
    with pytest.raises(DataError, match="str"):
        compare({"a": "fit"})
    with pytest.raises(ConfigError, match="out of order"):
        compare(fits, stars=(0.01, 0.1))


def test_estimates_of_other_kinds_stand_beside_maximum_likelihood(fits):
    weights = make_weights("nearest", N)
    panel = make_panel(N, T, weights, seed=5)
    frame = panel.to_frame()
    frame["d"] = (frame.groupby("unit").cumcount() % 2).to_numpy()
    arguments = {"outcome": "y", "regressors": ["x1", "x2"]}
    iv = SpatialIV(panel, weights, **arguments).fit()
    ols = fit_fixed_effects(panel, **arguments)
    regimes = fit_regimes(frame, weights, **arguments, regime="d", split="rho")
    found = compare({"ML": fits[3], "IV": iv, "OLS": ols, "two": regimes})
    numbers = found.to_frame()
    for column, fit in found.fits.items():
        own = numbers[column].dropna()
        np.testing.assert_array_equal(own.loc[list(fit.names), "estimate"], fit.values)
        np.testing.assert_array_equal(own.loc[list(fit.names), "p_value"], fit.pvalues)
    statistics, cells = found.statistics(), found.display()
    assert np.isnan(statistics.loc["loglik", "IV"]) and cells.loc["loglik", "IV"] == ""
    assert statistics.loc["loglik", "two"] == regimes.loglik
    notes = " ".join(found.notes())
    assert "two-stage least squares" in notes and "least squares with dummies" in notes
    assert "none in OLS" in notes
    assert "rho[1]" in found.to_latex() and "rho[1]" in found.to_html()
