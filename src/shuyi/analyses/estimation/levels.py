"""Levels of tests on panels like a fit's, beside the tests, and which tests a table prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shuyi.errors import ShuyiError
from shuyi.spatialpanel.diagnostics.mundlak import STRUCTURES

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.spatialpanel import Fit
    from shuyi.spatialpanel.least_squares import FixedEffectsFit

LEVELS = ("level", "level_error", "errors_ar", "regressors_ar", "level_panels")
"""Columns that `with_levels` adds: the share of panels that a test rejects, its simulation error, what the
panels are like, and how many there are."""
TEXTBOOK = "textbook"
COMPARED = ("lr_sar", "lr_sem", "lr_slx", "wald_sar", "wald_sem", "wald_slx")
"""Tests whose textbook form is printed beside the others, since papers choose their model by it."""
CHOICE_LEVEL = 0.05
"""Of the tests of the spatial Durbin model against simpler ones."""
OWN_NULL = "serial_correlation"
"""The test whose null are errors without autocorrelation."""


def with_levels(tests: pd.DataFrame, fit: Fit | FixedEffectsFit) -> pd.DataFrame:
    """Return tests with the level that each was found to have on panels like those of a fit.

    Parameters
    ----------
    tests : DataFrame
        As `shuyi.spatialpanel.diagnostics.specification_tests` gives them.
    fit : Fit or FixedEffectsFit
        The specification that is tested.

    Returns
    -------
    DataFrame
        With the columns `LEVELS`, missing where no panels like these were simulated, or the test was not
        (`shuyi.spatialpanel.montecarlo.levels.levels_like`).
    """
    import pandas as pd

    found = _levels_like(fit)
    keys = ["test", "effects", "version"]
    own = tests.assign(
        test=tests["test"].str.replace(r"^(cross_section_dependence|pesaran_cd)_\w+$", r"\1", regex=True),
        effects=tests["spec"],
    )[keys]
    joined = own.merge(found, on=keys, how="left") if len(found) else own.reindex(columns=[*keys, *LEVELS])
    return pd.concat([tests, joined[list(LEVELS)].set_index(tests.index)], axis=1)


def _levels_like(fit: Any) -> pd.DataFrame:
    """Return measured levels under the names of `LEVELS`, of `OWN_NULL` from independent errors."""
    from dataclasses import replace

    import pandas as pd

    from shuyi.spatialpanel.montecarlo.levels import design_like, levels_like

    if getattr(fit, "effects_structure", "") not in STRUCTURES or not hasattr(fit, "intervals"):
        return pd.DataFrame()
    try:
        design = design_like(fit)
    except ShuyiError:
        return pd.DataFrame()
    found = levels_like(design, fit.n)
    independent = levels_like(replace(design, errors_ar=0.0, regressors_ar=0.0), fit.n)
    rows = [found[found["test"] != OWN_NULL], independent[independent["test"] == OWN_NULL]]
    return pd.concat(rows if len(found) else rows[:1], ignore_index=True).rename(
        columns={"mc_error": "level_error", "used": "level_panels"}
    )


def printed(tests: pd.DataFrame) -> pd.DataFrame:
    """Return the tests that a table prints: the form that bears the panel, and what papers usually print.

    Where a test has another form than its textbook one, that stands alone; the tests that papers choose their
    model by keep the textbook form too, with its level.

    Parameters
    ----------
    tests : DataFrame
        As `with_levels` gives them.

    Returns
    -------
    DataFrame
        Some of the rows, versions of a test together and the textbook one last.
    """
    better = set(tests.loc[tests["version"] != TEXTBOOK, "test"])
    textbook = tests["version"] == TEXTBOOK
    shown = tests[~textbook | ~tests["test"].isin(better) | tests["test"].isin(COMPARED)]
    groups, names = (list(dict.fromkeys(tests[column])) for column in ("group", "test"))
    order = shown.assign(
        group=shown["group"].map(groups.index),
        test=shown["test"].map(names.index),
        textbook=shown["version"] == TEXTBOOK,
    ).sort_values(["group", "test", "textbook"], kind="stable")
    return shown.loc[order.index]


def choice(tests: pd.DataFrame) -> dict[str, float]:
    """Return the p-values of the Durbin model against SAR and SEM that bear the panel, and the textbook ones.

    Parameters
    ----------
    tests : DataFrame
        With the columns test, version and p_value.

    Returns
    -------
    dict of str to float
        ``sar`` and ``sem`` (Wald tests, bootstrap), ``sar_textbook`` and ``sem_textbook`` (information
        matrix); empty where one of them was not computed.
    """
    rows = tests[tests["test"].isin(["wald_sar", "wald_sem"])]
    suffix = rows["version"].map({TEXTBOOK: "_textbook", "wild_cluster": ""})
    names = rows["test"].str.removeprefix("wald_") + suffix
    found = {str(n): float(p) for n, p in zip(names, rows["p_value"], strict=True) if n == n}
    return found if len(found) == 4 else {}
