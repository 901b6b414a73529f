"""Write docs/benchmarks.md from the JSON of a benchmark run.

python benchmarks/report.py .benchmarks/speed.json docs/benchmarks.md

The part between ``<!-- pipeline -->`` and ``<!-- /pipeline -->`` is kept as it is.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

OPENING, CLOSING = "<!-- pipeline -->", "<!-- /pipeline -->"

ASKED = {
    "46 x 30": ("0.006", ""),
    "31 x 12": ("0.004", ""),
    "300 x 15": ("0.06", ""),
    "2,800 x 10": ("2.0", "400"),
    "100,000 x 10": ("90", "6,000"),
}
"""CPU seconds and MB to reach."""

DESCRIBED = {
    "46 x 30": "cigarette panel, contiguity",
    "31 x 12": "simulated, 4 nearest, mutual",
    "300 x 15": "simulated, 6 nearest",
    "2,800 x 10": "simulated, 6 nearest",
    "100,000 x 10": "simulated, 6 nearest",
}

COMMANDS = """\
OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv/bin/python -m pytest benchmarks \\
    --benchmark-json=.benchmarks/speed.json
.venv/bin/python benchmarks/report.py .benchmarks/speed.json docs/benchmarks.md
"""


def report(results: dict[str, Any], pipeline: str) -> str:
    """Return the page as Markdown."""
    found = {(b["extra_info"]["table"], b["extra_info"]["size"]): b for b in results["benchmarks"]}
    machine = results["machine_info"]
    cpu = f"{machine['cpu'].get('brand_raw', 'unknown CPU')}, {machine['cpu']['count']} cores"
    parts = [
        "# Benchmarks",
        "CPU seconds of one thread (median of the rounds, least in brackets), written by the commands below.",
        f"Machine: {cpu}, {machine['memory_gib']} GiB. Python {machine['python_version']}, "
        f"{', '.join(f'{name} {version(name)}' for name in ('numpy', 'scipy', 'spreg'))}.",
        f"```sh\n{COMMANDS}```",
        "## Two-way spatial Durbin model: fit and effects with 1,000 draws",
        _fits(found),
        _notes(found),
        "## Many fits, and the import",
        _others(found),
        "## Many specifications in one call, at 31 x 9",
        _together(found),
        "## The pipeline",
        f"{OPENING}{pipeline}{CLOSING}",
    ]
    return "\n\n".join(parts) + "\n"


def _fits(found: dict[tuple[str, str], Any]) -> str:
    lines = [
        "| panel | asked, CPU s | measured | asked, MB | peak MB | spreg, fit alone (peak MB) | StatsPAI |",
        "|---|---|---|---|---|---|---|",
    ]
    for size, (seconds, memory) in ASKED.items():
        ours, peer = found["fit", size], found.get(("spreg", size))
        peak = f"{ours['extra_info']['peak_mb']:,.0f}" if memory else ""
        theirs = f"{_seconds(peer)}{_peak(peer)}" if peer else "not run: n x n arrays"
        name = f"{size}, {DESCRIBED[size]}"
        lines.append(f"| {name} | {seconds} | {_seconds(ours)} | {memory} | {peak} | {theirs} | {_other()} |")
    return "\n".join(lines)


def _notes(found: dict[tuple[str, str], Any]) -> str:
    lines = [
        "Eigenvalues or factors of the weights, the covariance and all draws are included; simulating the "
        "data is not. Each round starts from weights of which nothing has been computed. Large panels run in "
        "a process of their own, whose peak is its high-water mark with Python and all libraries. spreg fits "
        "the Durbin model with individual effects, the only ones it removes, and without effects.",
        "",
        "Errors that the fits themselves report:",
        "",
    ]
    for size in ("2,800 x 10", "100,000 x 10"):
        record = found["fit", size]["extra_info"]["logdet"]
        lines.append(
            f"- {size}: {record['method']}, {record['grid_points']} grid points; error of the "
            f"log-determinant {record['error']:.1e}, of tr(SW)/n {record['trace_error']:.1e}."
        )
    return "\n".join(lines)


def _others(found: dict[tuple[str, str], Any]) -> str:
    many, imported = found["many", "10,000 fits at 31 x 9"], found["import", "shuyi.spatialpanel"]
    return "\n".join(
        [
            "| what | asked, CPU s | measured |",
            "|---|---|---|",
            f"| 10,000 fits at 31 x 9 with effects of 1,000 draws, one W | 60 | {_seconds(many)} |",
            f"| `import shuyi.spatialpanel` | | {_seconds(imported)} |",
        ]
    )


def _together(found: dict[tuple[str, str], Any]) -> str:
    lines = ["| what | asked, CPU s | measured |", "|---|---|---|"]
    for (table, size), benchmark in found.items():
        if table == "together":
            asked = "20" if "SDM, 2 regressors, information" in size else ""
            lines.append(f"| `fit_many`: {size} | {asked} | {_seconds(benchmark)} |")
        if table == "null":
            measured = f"{_seconds(benchmark)}, a hundredth of 10,000 x 199"
            lines.append(f"| `null_curve`: {size} | 7.2 | {measured} |")
    return "\n".join(lines)


def _seconds(benchmark: dict[str, Any]) -> str:
    values = benchmark["extra_info"].get("seconds") or benchmark["stats"]["data"]
    middle, least = median(values), min(values)
    return f"{middle:.3g} ({least:.3g})" if len(values) > 1 else f"{middle:.3g}"


def _peak(benchmark: dict[str, Any]) -> str:
    peak = benchmark["extra_info"].get("peak_mb")
    return f" ({peak:,.0f})" if peak else ""


def _other() -> str:
    try:
        return f"installed ({version('statspai')}), not run" if find_spec("statspai") else "not installed"
    except PackageNotFoundError:
        return "not installed"


def _kept(page: Path) -> str:
    if not page.exists():
        return "\n"
    text = page.read_text(encoding="utf-8")
    return text.split(OPENING)[1].split(CLOSING)[0] if OPENING in text and CLOSING in text else "\n"


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    results = json.loads(source.read_text(encoding="utf-8"))
    target.write_text(report(results, _kept(target)), encoding="utf-8")
