"""One treated unit against a weighted average of untreated ones (pysyncon), with placebos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.policy.register import starts_of
from shuyi.errors import IdentificationError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.panel import Panel
    from shuyi.weights import Weights

FEWEST_DONORS = 2


def donors_of(
    panel: Panel, rows: Sequence[Mapping[str, str]], design: Mapping[str, Any], unit: str, weights: Weights
) -> tuple[str, ...]:
    """Return the donors of a unit: never under the policy, and no neighbours of it.

    Parameters
    ----------
    panel : Panel
        Whose units they are.
    rows : sequence of mapping
        The register.
    design : mapping
        Whose policy counts.
    unit : str
        The unit with the treatment.
    weights : Weights
        Whose neighbours are left out.

    Returns
    -------
    tuple of str
        In the panel's order.

    Raises
    ------
    IdentificationError
        If there are too few.
    """
    treated = starts_of(rows, design["policy"], coding=design.get("coding", "year_half_rule"))
    own = weights.subset(panel.units)
    near = own.to_dense()[panel.units.index(unit)] > 0
    donors = tuple(
        u for u, close in zip(panel.units, near, strict=True) if u != unit and u not in treated and not close
    )
    if len(donors) < FEWEST_DONORS:
        raise IdentificationError(
            "A synthetic control has no donors.",
            expected=f"at least {FEWEST_DONORS} units without the policy that are no neighbours",
            found=str(len(donors)),
            remedy="choose a policy that fewer units are under",
        )
    return donors


def synthetic_frames(
    panel: Panel,
    rows: Sequence[Mapping[str, str]],
    weights: Weights,
    design: Mapping[str, Any],
    *,
    unit: str,
    start: int,
    outcome: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the gaps of the treated unit and of every placebo, and the weights of the donors.

    Each unit is compared with a convex combination of the other donors that follows its outcome before the
    start, in deviations from the mean of these periods (Ferman and Pinto 2021), because a poor or rich unit
    lies outside the others' levels.

    Parameters
    ----------
    panel : Panel
        Long panel of all units.
    rows : sequence of mapping
        The register.
    weights : Weights
        Whose neighbours are no donors.
    design : mapping
        Whose policy counts.
    unit : str
        The treated unit.
    start : int
        First period under the treatment.
    outcome : str
        The outcome.

    Returns
    -------
    tuple of DataFrame
        unit, treated, period, gap, before (root mean square of the gap before the start), after (mean gap
        from the start on), one row per unit and period; and donor, weight.
    """
    import pandas as pd

    donors = donors_of(panel, rows, design, unit, weights)
    y = panel[outcome]
    before = np.array([period < start for period in panel.periods])
    y = y - y[before].mean(axis=0)
    place = {u: i for i, u in enumerate(panel.units)}
    found, shares = [], np.zeros(0)
    for each in (unit, *donors):
        pool = [place[d] for d in donors if d != each]
        own = _shares(y[before][:, pool], y[before, place[each]])
        gap = y[:, place[each]] - y[:, pool] @ own
        if each == unit:
            shares = own
        size, mean = float(np.sqrt((gap[before] ** 2).mean())), float(gap[~before].mean())
        found += [
            (each, each == unit, int(t), float(g), size, mean)
            for t, g in zip(panel.periods, gap, strict=True)
        ]
    columns = ["unit", "treated", "period", "gap", "before", "after"]
    return pd.DataFrame(found, columns=columns), pd.DataFrame({"donor": donors, "weight": shares})


def _shares(donors: NDArray[np.float64], unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights of donors, at least zero and with sum one, that follow the unit best."""
    import pandas as pd
    from pysyncon import Synth

    z = pd.DataFrame(donors, columns=[f"donor_{i}" for i in range(donors.shape[1])])
    own = pd.Series(unit, index=z.index, name="unit")
    synth = Synth()
    synth.fit(X0=z, X1=own, Z0=z, Z1=own, custom_V=np.ones(len(unit)))
    if synth.W is None:
        raise IdentificationError("The weights of a synthetic control were not found.")
    return np.asarray(synth.W, dtype=np.float64)
