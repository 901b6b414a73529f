"""What provinces actually gave and received: the ledger weighted by each sender's change over the sample.

A ledger per unit of the index is, under row-standardised weights, a multiple of their column sums: what it
says of single units follows from W alone. Weighted by how much the index of each sender changed from the
first to the last period, ``given_j = sum_{i != j} M_ij dx_j`` and ``received_i = sum_{j != i} M_ij dx_j`` say
what happened in the sample, and with coefficients that differ by group of the sender
(`spatialpanel.group_effects`) units differ in more than their place in W. Errors are those of the delta
method, intervals Student's t with n - 1 degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.spatialpanel.effects import reference_quantile
from shuyi.spatialpanel.group_effects import GroupFit, fit_groups, period_blocks

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.panel import Panel
    from shuyi.spatialpanel import Specification
    from shuyi.weights import Weights

ONE = "all"
PLAIN, GROUPED = "plain", "grouped"
ACCOUNTS = ("given", "received", "net")


def actual_frame(
    panel: Panel,
    weights: Weights,
    specification: Specification,
    groups: Mapping[str, str],
    *,
    term: str,
    level: float,
) -> pd.DataFrame:
    """Return what every unit gave and received over the sample, under one coefficient and by group of sender.

    Parameters
    ----------
    panel : Panel
        Cut to the sample.
    weights : Weights
        Of the panel's units.
    specification : Specification
        A spatial Durbin model, with the covariance wanted.
    groups : mapping of str to str
        Group of every unit.
    term : str
        The regressor.
    level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row per model (``plain``, ``grouped``) and unit: group, change of the term, and given, received
        and net with ``_low`` and ``_high``, in the unit of the outcome.
    """
    import pandas as pd

    change = panel[term][-1] - panel[term][0]
    frames = []
    for model, own in ((PLAIN, dict.fromkeys(panel.units, ONE)), (GROUPED, groups)):
        fit = fit_groups(
            panel,
            weights,
            outcome=specification.outcome,
            regressors=specification.regressors,
            term=term,
            groups={unit: own[unit] for unit in panel.units},
            by="sender",
            effects=specification.effects,
            correction=specification.correction,
            covariance=specification.covariance,
            durbin=None if specification.durbin == "all" else tuple(specification.durbin),
        )
        columns: dict[str, Any] = {"model": model, "unit": list(panel.units)}
        columns |= {"group": [groups[unit] for unit in panel.units], "change": change}
        frames.append(pd.DataFrame({**columns, **_accounts(fit, change, level)}))
    return pd.concat(frames, ignore_index=True)


def _accounts(fit: GroupFit, change: NDArray, level: float) -> dict[str, NDArray[np.float64]]:
    """Return given, received and net of every unit, with intervals."""
    effect, slopes, cov = period_blocks(fit)
    n = len(change)
    off = 1.0 - np.eye(n)
    moved = effect * off * change
    slopes = slopes * off * change
    values = {"given": moved.sum(axis=0), "received": moved.sum(axis=1)}
    sides = {"given": slopes.sum(axis=1), "received": slopes.sum(axis=2)}
    values["net"], sides["net"] = (d["given"] - d["received"] for d in (values, sides))
    reach = reference_quantile(level, n - 1)[0]
    found = {}
    for name in ACCOUNTS:
        error = np.sqrt(np.einsum("ki,kl,li->i", sides[name], cov, sides[name]))
        found[name] = values[name]
        found[f"{name}_low"], found[f"{name}_high"] = (
            values[name] - reach * error,
            values[name] + reach * error,
        )
    return found
