"""The equations that a sheet of specifications estimates, in the notation of Typst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shuyi.spatialpanel.models import MODELS

LAG = "rho sum_(j = 1)^n w_(i j) y_(j t)"
REGRESSORS = "sum_(k = 1)^K beta_k x_(k i t)"
DURBIN = "sum_(k {within}) theta_k sum_(j = 1)^n w_(i j) x_(k j t)"
EFFECTS = {
    "pooled": ("alpha",),
    "individual": ("alpha_i",),
    "time": ("tau_t",),
    "twoways": ("alpha_i", "tau_t"),
    "random": ("alpha", "mu_i"),
    "correlated": ("alpha", "sum_(k = 1)^K gamma_k macron(x)_(k i)", "mu_i"),
}
"""Terms of the effects of each structure."""
INDEPENDENT = "epsilon_(i t)"
DEPENDENT = "u_(i t), quad u_(i t) = lambda sum_(j = 1)^n w_(i j) u_(j t) + epsilon_(i t)"


def equation(row: Mapping[str, Any]) -> str:
    """Return the equation of one specification.

    Parameters
    ----------
    row : mapping
        A specification as plain values (`shuyi.spatialpanel.Specification.to_dict`).

    Returns
    -------
    str
        Source of an equation.

    Examples
    --------
    >>> from shuyi.analyses.paper.equations import equation
    >>> print(equation({"model": "sar", "effects": "time", "durbin": "none", "regressors": ["x"]}))
    y_(i t) = rho sum_(j = 1)^n w_(i j) y_(j t) + sum_(k = 1)^K beta_k x_(k i t) + tau_t + epsilon_(i t)
    """
    terms = MODELS[row["model"]].terms
    parts = [LAG] * terms.lag + [REGRESSORS]
    if terms.durbin and row["durbin"] != "none":
        every = row["durbin"] == "all" or set(row["durbin"]) >= set(row["regressors"])
        parts.append(DURBIN.format(within="= 1)^(K" if every else "in D"))
    parts += EFFECTS[row["effects"]]
    return f"y_(i t) = {' + '.join([*parts, DEPENDENT if terms.error else INDEPENDENT])}"


def equations(sheet: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the distinct equations of a sheet, with the columns that estimate each.

    Parameters
    ----------
    sheet : sequence of mapping
        Specifications as plain values.

    Returns
    -------
    list of dict
        ``models`` (names as printed), ``columns`` (headings of tables) and ``source``, in the order of the
        sheet.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for row in sheet:
        entry = found.setdefault(equation(row), {"models": [], "columns": []})
        for key, text in (("models", row["model"].upper()), ("columns", row["column"])):
            if text not in entry[key]:
                entry[key].append(text)
    return [
        {"source": source, **{k: ", ".join(v) for k, v in entry.items()}} for source, entry in found.items()
    ]
