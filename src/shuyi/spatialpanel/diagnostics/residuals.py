"""Residuals that a test is given, as an array or as the fit that left them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shuyi.alignment import unlabelled
from shuyi.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def residual_array(residuals: Any) -> NDArray[np.float64]:
    """Return residuals of shape (T, n), given as an array or as the fit that left them.

    Parameters
    ----------
    residuals : ndarray, shape (T, n), or Fit
        Residuals that carry labels are refused.

    Returns
    -------
    ndarray, shape (T, n)
        The residuals.

    Raises
    ------
    AlignmentError
        If labels would be ignored.
    DataError
        If the array has not two axes, or the fit was read back without residuals.
    """
    if hasattr(residuals, "residual_values"):
        return residuals_of(residuals)
    found = unlabelled(residuals, "residuals", "periods by units: fit.residual_values")
    if found.ndim != 2:
        raise DataError(
            "Residuals have one row per period and one column per unit.",
            expected="shape (T, n)",
            found=f"shape {found.shape}",
            remedy="give the fit, or fit.residual_values",
        )
    return found


def residuals_of(fit: Any) -> NDArray[np.float64]:
    """Return the innovations of a fit, shape (T, n).

    Parameters
    ----------
    fit : Fit
        Fit with its arrays.

    Returns
    -------
    ndarray, shape (T, n)
        Innovations, transformed as the effects say.

    Raises
    ------
    DataError
        If the fit was read back without them.
    """
    if fit.residual_values is None:
        raise DataError(
            "This fit was read back without its residuals.", remedy="write it with to_dict(arrays=True)"
        )
    return fit.residual_values


def residuals_and_effects(values: Any, effects: str) -> tuple[NDArray[np.float64], str]:
    """Return residuals of shape (T, n) and the effects removed from them, of a fit or an array.

    Parameters
    ----------
    values : Fit, or ndarray of shape (T, n)
        A fit, or residuals of shape (T, n).
    effects : str
        Effects that the model removes.

    Returns
    -------
    tuple
        Residuals of shape (T, n), and the effects.

    Raises
    ------
    AlignmentError, DataError
        As `residual_array`.
    """
    return residual_array(values), getattr(values, "effects_structure", effects)
