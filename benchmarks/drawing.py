"""Measure the drawing of figures and maps: ``OMP_NUM_THREADS=1 .venv/bin/python benchmarks/drawing.py``.

Markdown rows are printed: CPU seconds of what a process pays once, and of each figure by step and format.
The figures have the size of those of the default run (31 provinces, three years), on simulated values.
"""

import csv
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

STARTED = time.process_time()

import numpy as np  # noqa: E402 - imports are measured
import pandas as pd  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from shuyi.analyses.autocorrelation import figures as autocorrelation  # noqa: E402
from shuyi.analyses.index import figures as index  # noqa: E402
from shuyi.china import boundaries, provinces  # noqa: E402
from shuyi.publish import charts, maps, style  # noqa: E402
from shuyi.publish.labels import Labels  # noqa: E402

IMPORTED = time.process_time()

ROOT = Path(__file__).parents[1]
YEARS = (2016, 2020, 2024)
KINDS = ("contiguity", "inverse_distance", "nearest_4", "economic_distance", "nested", "inverse_square")
CREDIT = maps.MapCredit("GS (2000) 0000", "Source")
DPI = 300
DRAW = np.random.default_rng(1)


def measured(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds of a piece of work and what it returned."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def read_labels() -> Labels:
    """Return the English texts of figures."""
    with (ROOT / "config/labels/figures.csv").open(encoding="utf-8", newline="") as file:
        return Labels.from_rows(csv.DictReader(file), "en")


def values(years: tuple[int, ...]) -> pd.DataFrame:
    """Return skewed positive values of the provinces by year."""
    draws = DRAW.gamma(2.0, 0.1, (len(provinces.codes()), len(years)))
    return pd.DataFrame(draws, index=list(provinces.codes()), columns=list(years))


def clusters() -> pd.DataFrame:
    """Return LISA clusters of the provinces by year."""
    return values(YEARS).map(lambda value: "HH" if value > 0.3 else "LL" if value < 0.1 else "ns")


def scatter(labels: Labels) -> Figure:
    """Return Moran scatterplots of three years with names."""
    rows = [(code, year, *DRAW.normal(size=2)) for year, code in product(YEARS, provinces.codes())]
    points = pd.DataFrame(rows, columns=["code", "year", "z", "lag"])
    statistics = pd.DataFrame({"year": YEARS, "I": 0.3, "p": 0.01})
    names = provinces.display_names("en")
    return autocorrelation.moran_scatter(points, statistics, labels, variable="X", names=names)


def series(labels: Labels) -> Figure:
    """Return Moran's I over nine years by six weights."""
    rows = [(kind, year, 0.2, -0.03, -0.2, 0.15) for kind, year in product(KINDS, range(2016, 2025))]
    frame = pd.DataFrame(rows, columns=["weights", "year", "I", "expected", "low", "high"])
    return autocorrelation.moran_by_year(frame, labels, weights_names={kind: kind for kind in KINDS})


def intervals(labels: Labels) -> Figure:
    """Return an interval plot of 31 rows."""
    middle = DRAW.normal(size=31)
    frame = pd.DataFrame({"name": list(provinces.display_names("en").values())[:31], "estimate": middle})
    return charts.interval_plot(frame.assign(low=middle - 1, high=middle + 1), labels, value_name="X")


FIGURES: dict[str, Callable[[Labels], Figure]] = {
    "map of one year": lambda labels: index.map_index(values((2024,)), labels, CREDIT, legend_title="X"),
    "map of three years": lambda labels: index.map_index(values(YEARS), labels, CREDIT, legend_title="X"),
    "clusters of three years": lambda labels: autocorrelation.map_lisa(
        clusters(), labels, CREDIT, legend_title="X"
    ),
    "scatterplots with names": scatter,
    "six panels of series": series,
    "intervals of 31 rows": intervals,
}


def row(*cells: object) -> None:
    """Print a Markdown row; numbers are seconds."""
    texts = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells]
    sys.stdout.write(f"| {' | '.join(texts)} |\n")


def main() -> None:
    """Print what a process pays once, then each figure; one is saved before, which loads the writers."""
    labels = read_labels()
    row("once in a process", "CPU s")
    row("---", "---")
    row("imports", IMPORTED - STARTED)
    row("fonts", measured(style._register_han_font)[0])
    for columns, tolerance in maps.TOLERANCE.items():
        row(f"outlines for columns: {columns}", measured(lambda t=tolerance: boundaries.boundaries(t))[0])
    row("first figure", measured(lambda: style.figure_files(intervals(labels), dpi=DPI))[0])
    sys.stdout.write("\n")
    row("figure", "composed", *style.FORMATS)
    row(*["---"] * (2 + len(style.FORMATS)))
    for name, draw in FIGURES.items():
        seconds, figure = measured(lambda draw=draw: draw(labels))
        row(name, seconds, *(saved(figure, kind) for kind in style.FORMATS))


def saved(figure: Figure, kind: style.Format) -> float:
    """Return the CPU seconds of saving a figure in a format."""
    return measured(lambda: style.figure_files(figure, dpi=DPI, formats=(kind,)))[0]


if __name__ == "__main__":
    main()
