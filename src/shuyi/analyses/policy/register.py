"""From the register of designations to treatments: who came under a policy, and from when on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shuyi.errors import DataError, did_you_mean
from shuyi.spatialpanel.treatment import Treatment

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.panel import Panel


def starts_of(
    rows: Sequence[Mapping[str, str]],
    policy: str,
    *,
    coding: str = "year_half_rule",
    without: Sequence[str] = (),
    grades: str = "ABC",
) -> dict[str, int]:
    """Return the first year under a policy by unit.

    Parameters
    ----------
    rows : sequence of mapping
        The register: ``policy_id``, ``province_code``, the coding and ``confidence``.
    policy : str
        Identifier of the policy.
    coding : {"year_half_rule", "year"}, default "year_half_rule"
        Column that holds the year.
    without : sequence of str, default empty
        Units that count as untreated, because only a small part of them was designated.
    grades : str, default "ABC"
        Grades of the rows that count.

    Returns
    -------
    dict of str to int
        The earliest year of each unit.

    Raises
    ------
    DataError
        If the register does not hold the policy.

    Examples
    --------
    >>> from shuyi.analyses.policy.register import starts_of
    >>> row = {"policy_id": "zone", "province_code": "a", "year_half_rule": "2020", "confidence": "A"}
    >>> starts_of([row], "zone")
    {'a': 2020}
    """
    known = list(dict.fromkeys(row["policy_id"] for row in rows))
    if policy not in known:
        raise DataError(
            "The register of policies does not hold the policy of a design.",
            expected=f"one of {', '.join(known)}",
            found=repr(policy),
            remedy=did_you_mean(policy, known) or "correct policy.designs, or add the policy to the register",
        )
    found: dict[str, int] = {}
    for row in rows:
        unit = row["province_code"]
        if row["policy_id"] == policy and unit not in without and row["confidence"] in grades:
            found[unit] = min(int(row[coding]), found.get(unit, int(row[coding])))
    return found


def treatment_of(rows: Sequence[Mapping[str, str]], design: Mapping[str, Any], panel: Panel) -> Treatment:
    """Return the treatment of a design for the units and periods of a panel.

    Parameters
    ----------
    rows : sequence of mapping
        The register.
    design : mapping
        policy, and optionally coding, without, grades.
    panel : Panel
        Its units; rows of other units are left out.

    Returns
    -------
    Treatment
        Units whose first year lies after the panel count as untreated.
    """
    options = {key: design[key] for key in ("coding", "without", "grades") if key in design}
    starts = starts_of(rows, design["policy"], **options)
    return Treatment(
        {unit: start for unit, start in starts.items() if unit in panel.units},
        panel.units,
        tuple(int(period) for period in panel.periods),
    )


def sample_of(panel: Panel, design: Mapping[str, Any]) -> Panel:
    """Return the panel without the units that a design leaves out.

    Parameters
    ----------
    panel : Panel
        All units.
    design : mapping
        Its ``drop``, if it has one.

    Returns
    -------
    Panel
        The units that stay, in their order.
    """
    dropped = design.get("drop", ())
    return panel.select(units=[unit for unit in panel.units if unit not in dropped]) if dropped else panel


def overlap_frame(rows: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    """Return how many units are under each pair of policies.

    Parameters
    ----------
    rows : sequence of mapping
        The register.

    Returns
    -------
    DataFrame
        One row per pair, both orders and each policy with itself: policy, other, units.
    """
    import pandas as pd

    held: dict[str, set[str]] = {}
    for row in rows:
        held.setdefault(row["policy_id"], set()).add(row["province_code"])
    pairs = [(a, b, len(held[a] & held[b])) for a in held for b in held]
    return pd.DataFrame(pairs, columns=["policy", "other", "units"])
