"""All variables of one sample, transformed once for one treatment of effects and one weights matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.likelihood import ABSORBED
from shuyi.spatialpanel.many.stack import demeaned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.weights import Weights


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Transformed variables and their spatial lags, one row each.

    Row j is variable j, row V + j its spatial lag, row 2 V the constant.

    Attributes
    ----------
    place : dict of str to int
        Row of each variable.
    columns : ndarray, shape (2 V + 1, N)
        Variables, their spatial lags and the constant, transformed.
    lagged : ndarray, shape (2 V + 1, N) or (V, N)
        ``W`` times these, transformed as the convention says; of the variables alone where no model has lam.
    usable : ndarray of bool, shape (2 V + 1,)
        Rows that are finite and not absorbed by the effects.
    """

    place: dict[str, int]
    columns: NDArray[np.float64]
    lagged: NDArray[np.float64]
    usable: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """Number of variables."""
        return len(self.place)

    @property
    def constant(self) -> int:
        """Row of the constant."""
        return 2 * len(self.place)


def build_bank(
    names: tuple[str, ...],
    values: NDArray,
    effects: str,
    weights: Weights | None,
    *,
    lags_last: bool,
    has_error: bool,
) -> Bank:
    """Transform all variables of a sample.

    Parameters
    ----------
    names : tuple of str, length V
        Names of the variables.
    values : ndarray, shape (V, T, n)
        Their values in levels; NaN where missing.
    effects : {"pooled", "individual", "time", "twoways"}
        Fixed effects that are removed.
    weights : Weights or None
        Lags are zero without.
    lags_last : bool
        Whether lags of the outcome are taken of demeaned variables.
    has_error : bool
        Whether lags of lagged regressors are needed.

    Returns
    -------
    Bank
        Rows of all variables.
    """
    T, n = values.shape[1:]
    finite = np.isfinite(values).all(axis=(1, 2))
    clean = np.where(finite[:, None, None], values, 0.0)
    w_clean = _lag(weights, clean)
    constant = np.ones((1, T, n))
    own, lags = demeaned(clean, effects), demeaned(w_clean, effects)
    columns = np.concatenate([own, lags, constant])
    lagged = _lag(weights, own) if lags_last else lags
    if has_error:
        rest = _lag(weights, np.concatenate([lags if lags_last else w_clean, constant]))
        lagged = np.concatenate([lagged, rest if lags_last else demeaned(rest, effects)])
    size = np.tile(_size(clean), 2)
    usable = np.append((_size(columns[:-1]) > ABSORBED * size) & np.tile(finite, 2), True)
    place = {name: j for j, name in enumerate(names)}
    N = T * n
    return Bank(place, columns.reshape(-1, N), lagged.reshape(-1, N), usable)


def _lag(weights: Weights | None, values: NDArray) -> NDArray[np.float64]:
    """Return the spatial lags of an array of shape (V, T, n)."""
    if weights is None:
        return np.zeros_like(values)
    flat = values.reshape(-1, values.shape[-1])
    return np.asarray(weights.matrix @ flat.T).T.reshape(values.shape)


def _size(values: NDArray) -> NDArray[np.float64]:
    return np.sqrt(np.einsum("vti,vti->v", values, values))
