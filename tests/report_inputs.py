"""A small index with coordination, tiers, intervals and ledger, as the report's tests read them."""

from pathlib import Path

import numpy as np
import pandas as pd

from shuyi import files
from shuyi.analyses.coordination.degrees import CLASSES, class_positions
from shuyi.analyses.tiers.classification import TIERS, TITLES
from shuyi.china.provinces import codes
from shuyi.panel import Panel
from shuyi.publish.labels import Labels

ROOT = Path(__file__).parents[1]
UNITS = codes()
YEARS = tuple(range(2016, 2025))
DIMENSIONS = ("industry", "resources", "talent", "informatisation")


def index_panel():
    """Return an index of 31 provinces whose last two provinces change places in the last year."""
    rng = np.random.default_rng(1)
    base = np.linspace(0.9, 0.1, len(UNITS)) + np.linspace(0.0, 0.05, len(YEARS))[:, None]
    base = base + rng.normal(0.0, 0.001, base.shape)
    base[-1, [-2, -1]] = base[-1, [-1, -2]]
    layers = [base, *(base + shift for shift in (0.01, 0.02, -0.01, -0.02))]
    names = ("digital", *(f"digital_{d}" for d in DIMENSIONS))
    return Panel(np.stack(layers, axis=2), UNITS, YEARS, names)


def _long():
    return pd.MultiIndex.from_product([UNITS, YEARS], names=["unit", "period"]).to_frame(index=False)


def measured():
    """Return coordination, tiers, intervals and ledger in the form of the pipeline's files."""
    score = index_panel()["digital"].T.ravel()
    degree = np.clip(score, 0.0, 1.0)
    classes = np.array([c.id for c in CLASSES])[class_positions(degree)]
    tier = np.array(TIERS)[np.digitize(score, [0.35, 0.65])]
    ledger = {f"{a}{b}": np.full(31, v) for a in ("given", "received", "net") for b, v in _bounds(a)}
    ledger["net_low"] = np.r_[0.01, np.full(30, -1.0)]
    return {
        "coordination": _long().assign(set="pair", variant="corrected", degree=degree, **{"class": classes}),
        "tiers": _long().assign(tier=tier),
        "intervals": _long().assign(lower=1.0, upper=31.0),
        "ledger": pd.DataFrame({"unit": UNITS, **ledger}),
    }


def _bounds(account):
    value = {"given": 0.25, "received": 0.125, "net": 0.125}[account]
    return (("", value), ("_low", -1.0), ("_high", 1.0))


def report_labels(language):
    """Return the labels of the project with the names that the measurement brings."""
    rows = [row for path in sorted((ROOT / "config/labels").glob("*.csv")) for row in files.read_rows(path)]
    rows += [{"key": f"class.{c.id}", "en": c.en, "zh": c.zh} for c in CLASSES]
    rows += [{"key": f"tier.{tier}", **TITLES[tier]} for tier in TIERS]
    rows += [{"key": "set.pair", "en": "Two systems", "zh": "两个系统"}]
    return Labels.from_rows(rows, language)
