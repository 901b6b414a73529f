"""Measure what a fit from a DataFrame costs before estimation: CPU milliseconds at 31 units x 9 periods.

``python benchmarks/preparation.py`` measures this source tree; further trees are measured in turn with it,
each in fresh processes: ``python benchmarks/preparation.py src /path/to/another/src``.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

UNITS, PERIODS = 31, 9
CALLS, ROUNDS, PROCESSES = 100, 5, 3


def measured() -> dict[str, float]:
    """Return the smallest mean CPU time of preparation, of the fit, and of both."""
    from panels import REGRESSORS, nearest, simulate

    from shuyi.spatialpanel import SDM

    weights = nearest(UNITS, 4)
    frame = simulate(weights, PERIODS).to_frame()

    def prepared() -> SDM:
        return SDM(frame, weights, outcome="y", regressors=REGRESSORS)

    model = prepared()
    steps = {"preparation": prepared, "fit": model.fit, "both": lambda: prepared().fit()}
    return {name: 1e3 * smallest(step) for name, step in steps.items()}


def smallest(step: Callable[[], object]) -> float:
    """Return the smallest mean of some rounds of calls, in CPU seconds per call."""
    step()
    means = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(CALLS):
            step()
        means.append((time.process_time() - start) / CALLS)
    return min(means)


def compared(trees: list[str]) -> dict[str, dict[str, float]]:
    """Return the smallest times of each source tree over processes that take turns."""
    found: dict[str, list[dict[str, float]]] = {tree: [] for tree in trees}
    for _ in range(PROCESSES):
        for tree in trees:
            environment = {**os.environ, "PYTHONPATH": tree, "OMP_NUM_THREADS": "1"}
            done = subprocess.run(
                [sys.executable, __file__], env=environment, capture_output=True, text=True, check=True
            )
            found[tree].append(json.loads(done.stdout))
    return {tree: {name: min(r[name] for r in runs) for name in runs[0]} for tree, runs in found.items()}


if __name__ == "__main__":
    given = [str(Path(tree).resolve()) for tree in sys.argv[1:]]
    print(json.dumps(compared(given) if given else measured(), indent=1))  # noqa: T201
