"""A column while its rows are read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from shuyi.review.numbers import Number
from shuyi.review.table import Column, Effect, Estimate

SINGLES = ("rho", "lam", "tau", "eta", "sigma2")
NUMBERS = ("loglik", "r2", "aic", "bic")
COUNTS = ("N", "n", "T", "n_effective")
RUNS = {"": "effects", "lr": "lr", "short": "short", "long": "long"}


@dataclass
class Draft:
    """What was read of one column so far.

    Parameters
    ----------
    name, model : str
        Heading and the model that it names.
    estimates : dict of (kind, name) to Estimate
        Coefficients and effects.
    numbers : dict of str to Number
        Log-likelihood, counts and the like.
    r2_label : str
        What R squared is called.
    """

    name: str
    model: str = ""
    estimates: dict[tuple[str, str], Estimate] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    r2_label: str = ""

    def attach(self, key: tuple[str, str], beside: Number, kind: str = "", stars: int = 0) -> bool:
        """Put a number beside an estimate; return whether there was a place for it.

        Parameters
        ----------
        key : tuple of str
            Kind and name of the estimate.
        beside : Number
            The number.
        kind : str
            What it is, where its label says so.
        stars : int
            Stars behind the number, which belong to the estimate.

        Returns
        -------
        bool
        """
        found = self.estimates.get(key)
        if found is None:
            return False
        total = (found.stars or 0) + stars
        if found.beside is None:
            self.estimates[key] = replace(found, beside=beside, kind=kind, stars=total)
            return True
        if kind in ("t", "z") and found.kind == "se" and found.t is None:
            self.estimates[key] = replace(found, t=beside, stars=total)
            return True
        if kind == "p" and found.p is None:
            self.estimates[key] = replace(found, p=beside, stars=total)
            return True
        return False

    def column(self, is_dynamic: bool) -> Column:
        """Return the finished column.

        Parameters
        ----------
        is_dynamic : bool
            Whether the table prints short-run effects too, so that LR means the long run.

        Returns
        -------
        Column
        """
        singles: dict[str, Any] = {k: self.estimates.get((k, "")) for k in SINGLES}
        singles |= {k: self.numbers.get(k) for k in NUMBERS}
        singles |= {k: _whole(self.numbers.get(k)) for k in COUNTS}
        runs: dict[str, Any] = {"effects": {}, "short": {}, "long": {}}
        for (kind, name), estimate in self.estimates.items():
            run, _, part = kind.rpartition("_")
            if part in ("direct", "indirect", "total"):
                place = RUNS[run]
                place = ("long" if is_dynamic else "effects") if place == "lr" else place
                effects = runs[place]
                effects[name] = replace(effects.get(name, Effect()), **{part: estimate})
        return Column(
            **singles,
            **runs,
            name=self.name,
            model=self.model,
            b={name: e for (kind, name), e in self.estimates.items() if kind == "b"},
            theta={name: e for (kind, name), e in self.estimates.items() if kind == "theta"},
            r2_label=self.r2_label,
        )


def _whole(found: Number | None) -> int | None:
    return int(found.value) if found is not None and found.value >= 1 else None
