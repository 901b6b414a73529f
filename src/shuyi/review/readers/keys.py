"""Keys of the form: their other spellings, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from shuyi.errors import DataError
from shuyi.review.table import KINDS

SPATIAL = {"rho": "rho", "lam": "lam", "lambda": "lam", "tau": "tau", "eta": "eta", "sigma2": "sigma2"}
"""Single parameters and their names in a `Column`."""
LM_KEYS = {
    "LM_lag": "lag",
    "LM_err": "error",
    "RLM_lag": "robust_lag",
    "RLM_err": "robust_error",
    "LM_joint": "joint",
}
"""Tests of a block and their names in an `LMBlock`."""
TABLE, COLUMN, LM, TEST, MORAN, WEIGHT = "table", "column", "LM block", "test", "Moran row", "weight"
KEYS: dict[str, tuple[str, ...]] = {
    TABLE: (
        *(
            "id",
            "W",
            "N",
            "N_obs",
            "n",
            "T",
            "paren_label",
            "stars",
            "columns",
            "lm",
            "chi2",
            "tests",
            "other",
        ),
        *("ic", "moran", "entropy", "row_standardised", "w_min", "structure", "covariance", "simulated"),
        *("balanced", "equal_df", "units", "decimals", "note"),
    ),
    COLUMN: (
        *("name", "model", "b", "theta", *SPATIAL),
        *(f"{k}_{kind}" for k in SPATIAL for kind in KINDS),
        *("logL", "R2", "R2_label", "AIC", "BIC", "N", "N_obs", "n", "T", "n_effective"),
        *("effects", "short", "long"),
    ),
    LM: ("name", *LM_KEYS),
    TEST: ("test", "stat", "p", "df", "column", "stars", "distribution"),
    MORAN: ("group", "year", "I", "z", "sd", "E", "p", "stars", "quadrants"),
    WEIGHT: ("indicator", "weight", "entropy", "dimension"),
}
"""Keys of each part of the form."""
ALIASES = {
    TABLE: {"title": "id", "obs": "N", "weights": "W", "morans_i": "moran", "label": "paren_label"},
    COLUMN: {"beta": "b", "coef": "b", "wx": "theta", "loglik": "logL", "ll": "logL", "r2": "R2", "obs": "N"},
    LM: {
        "LM_error": "LM_err",
        "RLM_error": "RLM_err",
        "robust_LM_lag": "RLM_lag",
        "robust_LM_err": "RLM_err",
        "robust_LM_error": "RLM_err",
        "SARMA": "LM_joint",
    },
    TEST: {"name": "test", "statistic": "stat", "value": "stat", "p_value": "p", "pvalue": "p"},
    MORAN: {
        "period": "year",
        "moran": "I",
        "E(I)": "E",
        "EI": "E",
        "sd(I)": "sd",
        "p_value": "p",
        "weights": "group",
    },
    WEIGHT: {"name": "indicator", "w": "weight", "e": "entropy"},
}
"""Other spellings that are read."""
LISTS = {"columns": COLUMN, "ic": COLUMN, "lm": LM, "chi2": TEST, "tests": TEST}
NEAR = 0.75
"""Likeness from which on an unknown key is taken for a mistyped one."""


def known_keys(raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a table of the form with known keys alone, and the keys that are left out.

    Parameters
    ----------
    raw : mapping
        One table as parsed.

    Returns
    -------
    tuple
        The table, other spellings replaced; and ``part: key`` for each key that is not known.

    Raises
    ------
    DataError
        If a key looks like a known one mistyped.
    """
    left_out: list[str] = []
    table = _known(raw, TABLE, left_out)
    for key, part in LISTS.items():
        if isinstance(table.get(key), list):
            table[key] = [_known(e, part, left_out) if isinstance(e, Mapping) else e for e in table[key]]
    table["moran"] = [_known(row, MORAN, left_out) for row in _moran_rows(table.get("moran"))]
    return table, left_out


def known_weight(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of the index weights with known keys alone.

    Parameters
    ----------
    raw : mapping
        One indicator.

    Returns
    -------
    dict
    """
    return _known(raw, WEIGHT, [])


def _known(raw: Mapping[Any, Any], part: str, left_out: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for given, value in raw.items():
        key = ALIASES[part].get(str(given), str(given))
        if key in KEYS[part]:
            found[key] = value
        else:
            _check_mistyped(key, part)
            left_out.append(f"{part}: {key}"[:80])
    return found


def _check_mistyped(key: str, part: str) -> None:
    near = get_close_matches(key, KEYS[part], n=1, cutoff=NEAR) if len(key) > 2 else []
    if near:
        raise DataError(
            f"The form has a key that a {part} does not know.",
            expected=", ".join(KEYS[part]),
            found=repr(key[:40]),
            remedy=f"did you mean {near[0]!r}?",
        )


def _moran_rows(raw: Any) -> Sequence[Mapping[str, Any]]:
    """Return rows of Moran's I, also from ``year: [I, z, p]`` by group or without."""
    if isinstance(raw, list):
        return [row for row in raw if isinstance(row, Mapping)]
    if not isinstance(raw, Mapping):
        return []
    if any(isinstance(value, Mapping) for value in raw.values()):
        return [
            _moran_row(str(group), year, cells)
            for group, years in raw.items()
            if isinstance(years, Mapping)
            for year, cells in years.items()
        ]
    return [_moran_row("", year, cells) for year, cells in raw.items()]


def _moran_row(group: str, year: Any, cells: Any) -> dict[str, Any]:
    values = cells if isinstance(cells, list) else [cells]
    return {"group": group, "year": str(year), **dict(zip(("I", "z", "p"), values, strict=False))}
