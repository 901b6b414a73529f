"""Small panels and weights of one variable, and the incomes of US states that giddy's documentation uses."""

import numpy as np
import pandas as pd

from shuyi.panel import Panel
from shuyi.weights import Weights


def panel_of(y, units=None, first=2016):
    """Return a panel of "y" from an array of shape (T, n)."""
    y = np.asarray(y, float)
    units = units or tuple(f"{i:02d}" for i in range(y.shape[1]))
    return Panel(y[:, :, None].copy(), units, tuple(range(first, first + len(y))), ("y",))


def ring(units):
    """Return row-standardised weights that join each unit with the one before and the one after."""
    n = len(units)
    matrix = (np.roll(np.eye(n), 1, axis=1) + np.roll(np.eye(n), -1, axis=1)) / 2
    return Weights.from_frame(pd.DataFrame(matrix, index=list(units), columns=list(units)))


def us_states():
    """Return per-capita income "y" of 48 US states, 1929-2009, and their row-standardised contiguity."""
    from libpysal.examples import get_path
    from libpysal.io import open as read

    table = pd.read_csv(get_path("usjoin.csv"))
    panel = panel_of(table[[str(year) for year in range(1929, 2010)]].to_numpy(float).T, first=1929)
    matrix = read(get_path("states48.gal")).read().full()[0]
    frame = pd.DataFrame(matrix, index=list(panel.units), columns=list(panel.units))
    return panel, Weights.from_frame(frame).normalise("row")
