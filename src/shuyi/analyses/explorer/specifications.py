"""Every estimate of the run in one list: what was chosen, the effect, its interval."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.ledger.frames import USUAL
from shuyi.spatialpanel.effects import COMPONENTS, p_value, reference_quantile

if TYPE_CHECKING:
    import pandas as pd

CHOICES = ("model", "weights", "effects", "index", "outcome", "sample", "covariance", "data")
"""What specifications differ in."""
NUMBERS = ("estimate", "std_error", "low", "high", "p_value")
COLUMNS = ("source", *CHOICES, "term", "component", *NUMBERS)
PLAIN = "headline"
"""Data of the headline: nothing is changed."""
CURVE_CHOICES = (
    *("model", "weights", "effects", "scheme", "weighting", "outcome", "controls", "sample"),
    "covariance",
)
"""What the specifications of the curve differ in."""
FEW = 5000
"""Rows up to which numbers are held in double precision."""
CODES = "u1"
"""Type of the positions of levels: a choice has at most 256."""


def sheet_frame(
    sheet: Sequence[Mapping[str, Any]],
    effects: Mapping[str, pd.DataFrame],
    fits: Mapping[str, Any],
    index: str,
    level: float,
) -> pd.DataFrame:
    """Return the estimates of the specification sheet.

    Parameters
    ----------
    sheet : sequence of mapping
        Its rows.
    effects : mapping of str to DataFrame
        By id of a specification with spillovers.
    fits : mapping of str to fit
        By id; of those without spillovers the coefficients are direct effects.
    index : str
        Scheme of the index.
    level : float
        Level of the intervals of coefficients.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`.
    """
    import pandas as pd

    parts = []
    for row in sheet:
        about = {"source": "sheet", **_choices(row, index)}
        rows = (
            effects[row["id"]].rename(columns={"ci_low": "low", "ci_high": "high"})
            if row["id"] in effects
            else coefficient_frame(fits[row["id"]], row["regressors"], level)
        )
        parts.append(rows.assign(**about))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _choices(row: Mapping[str, Any], index: str) -> dict[str, Any]:
    named = {name: row[name] for name in ("model", "weights", "effects", "outcome", "sample", "covariance")}
    return named | {"index": index, "data": PLAIN}


def coefficient_frame(fit: Any, regressors: Sequence[str], level: float) -> pd.DataFrame:
    """Return the coefficients of a model without spillovers as direct effects.

    Parameters
    ----------
    fit : Fit or FixedEffectsFit
        Estimates.
    regressors : sequence of str
        Names of the regressors.
    level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        term, component and the columns `NUMBERS`.
    """
    import pandas as pd

    bounds = fit.conf_int(level)
    names = [name for name in regressors if name in bounds.index]
    return pd.DataFrame(
        {
            "term": names,
            "component": COMPONENTS[0],
            "estimate": fit.params[names].to_numpy(),
            "std_error": fit.std_errors[names].to_numpy(),
            "low": bounds.loc[names, "low"].to_numpy(),
            "high": bounds.loc[names, "high"].to_numpy(),
            "p_value": fit.pvalues[names].to_numpy(),
        }
    )


def verdicts_frame(
    verdicts: pd.DataFrame, headline: Mapping[str, Any], index: str, term: str, level: float
) -> pd.DataFrame:
    """Return the estimates of the headline under other weights, as the verdicts hold them.

    Parameters
    ----------
    verdicts : DataFrame
        One row per weights (`shuyi.analyses.ledger.frames.verdicts`).
    headline : mapping
        Row of the sheet.
    index, term : str
        Scheme of the index; regressor of the verdicts.
    level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; intervals of Student's t with n - 1 degrees of freedom, and the usual ones. Weights
        of the headline are left out under its own covariance.
    """
    import pandas as pd

    names = {"direct": "direct", "indirect": "estimate", "total": "total"}
    errors = {"direct": "direct_std_error", "indirect": "std_error", "total": "total_std_error"}
    rows: list[dict[str, Any]] = []
    for row in verdicts.dropna(subset=["estimate"]).to_dict("records"):
        df = row["n"] - 1
        about = {"source": "verdicts", "term": term}
        about |= _choices({**headline, "weights": row["weights"], "covariance": row["covariance"]}, index)
        for component in COMPONENTS:
            value, error = row[names[component]], row[errors[component]]
            reach = reference_quantile(level, df)[0] * error
            numbers = {"estimate": value, "std_error": error, "low": value - reach, "high": value + reach}
            rows.append({**about, "component": component, **numbers, "p_value": p_value(value / error, df)})
        usual = {"estimate": row["estimate"], "low": row["usual_low"], "high": row["usual_high"]}
        rows.append({**about, "covariance": USUAL, "component": "indirect", **usual})
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    own = (found["weights"] == headline["weights"]) & (found["covariance"] == headline["covariance"])
    return found[~own]


def robustness_frame(
    effects: pd.DataFrame, headline: Mapping[str, Any], index: str, term: str
) -> pd.DataFrame:
    """Return the estimates of the headline under other data.

    Parameters
    ----------
    effects : DataFrame
        As `shuyi.analyses.robustness.comparison.comparison_frame` gives them.
    headline : mapping
        Row of the sheet.
    index, term : str
        Scheme of the index; regressor whose effects are compared.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; the headline itself is left out.
    """
    rows = effects[(effects["variant"] != PLAIN) & effects["estimate"].notna()]
    about = {"source": "robustness", "term": term, **_choices(headline, index)}
    data = [
        f"{r.variant} {r.unit}".strip() if isinstance(r.unit, str) else r.variant for r in rows.itertuples()
    ]
    found = rows.rename(columns={"ci_low": "low", "ci_high": "high"}).assign(**about)
    return found.assign(data=data)[list(COLUMNS)]


def curve_frame(estimates: pd.DataFrame, term: str) -> pd.DataFrame:
    """Return the estimates of the specification curve in the columns of the page.

    Parameters
    ----------
    estimates : DataFrame
        One row per specification and component: the choices of `CURVE_CHOICES` that vary, ``component``,
        ``estimate``, ``std_error``, ``low``, ``high`` and ``p_value``.
    term : str
        Regressor whose effects they are.

    Returns
    -------
    DataFrame
        The choices, term, component and `NUMBERS`.
    """
    choices = [name for name in CURVE_CHOICES if name in estimates]
    found = estimates[[*choices, "component", *NUMBERS]].assign(term=term)
    return found.rename(columns={"scheme": "index"})


def estimates_record(name: str, frame: pd.DataFrame, term: str) -> dict[str, Any]:
    """Return a list of estimates column by column: choices as positions in their levels, numbers packed.

    Parameters
    ----------
    name : str
        What the list is called.
    frame : DataFrame
        Choices, and the columns `NUMBERS`.
    term : str
        Regressor that is shown first.

    Returns
    -------
    dict
        ``choices``: levels and packed positions by name; ``numbers``: packed by name, in double precision, or
        in single precision where there are more than `FEW` rows.
    """
    import pandas as pd

    choices = {}
    for column in frame.columns:
        if column not in NUMBERS:
            codes, levels = pd.factorize(frame[column].astype(str))
            choices[column] = {"levels": levels.tolist(), "codes": packed(codes, CODES)}
    kind = "<f8" if len(frame) <= FEW else "<f4"
    return {
        "id": name,
        "term": term,
        "count": len(frame),
        "bytes": int(kind[-1]),
        "choices": choices,
        "numbers": {column: packed(frame[column].astype(float), kind) for column in NUMBERS},
    }


def packed(values: Any, kind: str) -> str:
    """Return numbers as base64 text.

    Parameters
    ----------
    values : array of numbers
        One dimension.
    kind : str
        Type of numpy, such as ``"<f8"``.

    Returns
    -------
    str

    Examples
    --------
    >>> from shuyi.analyses.explorer.specifications import packed
    >>> packed([1, 2], "<u2")
    'AQACAA=='
    """
    return base64.b64encode(np.asarray(values).astype(kind).tobytes()).decode("ascii")


def all_estimates(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return several lists of estimates below one another.

    Parameters
    ----------
    parts : sequence of DataFrame
        With the columns `COLUMNS`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`.
    """
    import pandas as pd

    known = [part for part in parts if len(part)]
    return pd.concat(known, ignore_index=True) if known else pd.DataFrame(columns=list(COLUMNS))
