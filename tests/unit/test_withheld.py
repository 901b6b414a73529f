"""Ergodic distributions that say nothing are not printed, and the note says why."""

import numpy as np
import pytest

from shuyi.analyses.dynamics import tables

ENOUGH = np.full((3, 3), 10.0)
FEW = np.array([[20.0, 3.0, 1.0], [9.0, 20.0, 9.0], [9.0, 9.0, 20.0]])


@pytest.mark.parametrize(
    ("counts", "shares", "p", "reason"),
    [
        (ENOUGH, [0.2, 0.3, 0.5], 0.5, ""),
        (ENOUGH, [0.2, 0.3, 0.5], float("nan"), ""),
        (ENOUGH, [0.2, 0.3, 0.5], 0.01, "time"),
        (FEW, [0.2, 0.3, 0.5], 0.5, "moves"),
        (ENOUGH, [0.0, 1.0, 0.0], 0.5, "degenerate"),
        (ENOUGH, [np.nan] * 3, 0.5, "degenerate"),
    ],
)
def test_reasons(counts, shares, p, reason, labels):
    assert tables.withheld(counts, shares, p) == reason
    notes = tables.withheld_notes({reason: ["A", "B"]}, labels)
    assert len(notes) == bool(reason)
    if reason in ("moves", "degenerate"):
        assert "A" in notes[0]
        assert "B" in notes[0]
