"""Effects of one term without each unit in turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.spatialpanel.effects import COMPONENTS
from shuyi.spatialpanel.many import fit_many
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.panel import Panel
    from shuyi.spatialpanel import Specification
    from shuyi.weights import Weights

HEADLINE = "headline"
"""Id of the estimate with all units."""


@dataclass(frozen=True, eq=False)
class WithoutEach:
    """Effects of one term without each unit in turn.

    Parameters
    ----------
    units : tuple of str
        The units left out.
    estimate, std_error : ndarray, shape (n, 3)
        Direct, indirect and total effects without each unit.
    whole, whole_std_error : ndarray, shape (3,)
        Effects with all units.
    share : ndarray, shape (n,)
        Share of each unit in the variation of the term that is left once the effects are removed.
    """

    units: tuple[str, ...]
    estimate: NDArray[np.float64]
    std_error: NDArray[np.float64]
    whole: NDArray[np.float64]
    whole_std_error: NDArray[np.float64]
    share: NDArray[np.float64]

    @property
    def influential(self) -> int:
        """Position of the unit without which the direct effect moves farthest."""
        return int(np.nanargmax(np.abs(self.estimate[:, 0] - self.whole[0])))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit: share, and estimate and error of each component without it.

        Returns
        -------
        DataFrame
            Columns unit, share, and each component with its standard error.
        """
        import pandas as pd

        columns: dict[str, Any] = {"unit": list(self.units), "share": self.share}
        for j, component in enumerate(COMPONENTS):
            columns[component] = self.estimate[:, j]
            columns[f"{component}_std_error"] = self.std_error[:, j]
        return pd.DataFrame(columns)


def without_each(panel: Panel, weights: Weights, specification: Specification, term: str) -> WithoutEach:
    """Estimate a specification without each unit in turn.

    Parameters
    ----------
    panel : Panel
        Cut to the sample of the specification.
    weights : Weights
        Of at least the panel's units; cut and normalised anew.
    specification : Specification
        What is estimated.
    term : str
        The regressor whose effects are wanted.

    Returns
    -------
    WithoutEach
        NaN where a sample does not identify the model.
    """
    spec = for_many(specification)
    samples = {f"without_{u}": panel.select(units=[v for v in panel.units if v != u]) for u in panel.units}
    specs = [replace(spec, id=name, sample=name) for name in samples]
    whole = replace(spec, id=HEADLINE, sample=HEADLINE)
    found = fit_many({HEADLINE: panel, **samples}, {spec.weights: weights}, [whole, *specs])
    estimate, error = found.effect(term)
    return WithoutEach(
        *(panel.units, estimate[1:], error[1:], estimate[0], error[0]),
        variation_shares(panel[term], spec.effects),
    )


def variation_shares(values: NDArray, effects: str) -> NDArray[np.float64]:
    """Return each unit's share of the variation that is left once effects are removed.

    Parameters
    ----------
    values : ndarray, shape (T, n)
        A variable.
    effects : str
        Effects of the model.

    Returns
    -------
    ndarray, shape (n,)
        Shares that sum to one.
    """
    left = within(values, effects) if effects in ("individual", "time", "twoways") else values - values.mean()
    squares = (left**2).sum(axis=0)
    return squares / squares.sum()


def for_many(specification: Specification) -> Specification:
    """Return a specification as the estimators of `shuyi.spatialpanel` take it, least squares included.

    Parameters
    ----------
    specification : Specification
        A row of the sheet.

    Returns
    -------
    Specification
        The row itself, except that least squares keeps its dummies.
    """
    return replace(specification, correction="exact") if specification.model == "ols" else specification
