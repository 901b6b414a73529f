import numpy as np
import pandas as pd

from shuyi import frames
from shuyi.analyses.autocorrelation import figures
from shuyi.analyses.estimation import figures as estimation_figures
from shuyi.panel import Panel
from shuyi.publish.labels import Labels

LISA = pd.DataFrame(
    {
        "variable": "x", "weights": "queen", "period": [1, 1, 2, 2], "unit": ["b", "a", "b", "a"],
        "z": [0.1, 0.2, 0.3, 0.4], "lag": [1.0, 2.0, 3.0, 4.0],
        "cluster": ["HH", "not significant", "no neighbours", "LL"],
        "permutations": 9999, "seed": 7, "significance": 0.05, "fdr": False,
        "p": [0.001, 0.5, float("nan"), 0.04],
    }
)  # fmt: skip
MORAN = pd.DataFrame(
    {
        "variable": ["x", "x", "y", "x"], "weights": ["queen", "queen", "queen", "knn"],
        "period": [1, 2, 1, 1], "value": [0.5, 0.4, 0.9, 0.8], "expected": -0.1, "mean_permuted": -0.11,
        "variance_permuted": 0.04, "p_permuted": [0.01, 0.02, 0.5, 0.6],
    }
)  # fmt: skip


def test_values_by_unit_and_year():
    panel = Panel(np.arange(6.0).reshape(3, 2, 1), ("b", "a"), (1, 2, 3), ("x",))
    frame = frames.by_unit_and_year(panel, "x", [1, 3])
    assert frame.loc["a"].to_dict() == {1: 1.0, 3: 5.0}


def test_clusters_keep_who_is_where():
    frame = figures.clusters_by_year(LISA)
    assert frame.loc["a"].to_dict() == {1: "ns", 2: "LL"}
    assert frame.loc["b"].to_dict() == {1: "HH", 2: "ns"}


def test_statistics_are_those_of_the_variable_and_weights():
    frame = figures.scatter_statistics(MORAN, LISA)
    assert frame["I"].tolist() == [0.5, 0.4]
    assert frame["p"].tolist() == [0.01, 0.02]
    assert figures.scatter_points(LISA).columns.tolist() == ["code", "year", "z", "lag"]


def test_band_is_that_of_the_permutations():
    permuted = MORAN.assign(low_permuted=-0.4, high_permuted=0.3, circular=False)
    frame = figures.moran_bands(permuted, "x")
    assert len(frame) == 3
    assert set(frame["low"]) == {-0.4}
    assert set(frame["high"]) == {0.3}


def test_effects_keep_both_intervals():
    effects = pd.DataFrame(
        {
            "term": ["x"], "component": ["direct"], "estimate": [1.0], "ci_low": [0.5], "ci_high": [1.6],
            "ci_low_delta": [0.4], "ci_high_delta": [1.5],
        }
    )  # fmt: skip
    frame = estimation_figures.effect_intervals(effects).set_index("method")
    assert frame.loc["simulated", ["low", "high"]].tolist() == [0.5, 1.6]
    assert frame.loc["delta", ["low", "high"]].tolist() == [0.4, 1.5]


def test_note_of_a_lisa_map_states_its_rule():
    labels = Labels(
        "en",
        {
            "lisa.note": "{weights} {permutations} {seed} {significance}{fdr}",
            "lisa.fdr": " FDR",
            "note.multiplicity": "{count} {level}% {none} {benjamini_hochberg} {holm}",
        },
    )
    assert figures.lisa_note(LISA, labels) == "queen 9,999 7 0.05 3 5% 2 1 1"
    assert " FDR " in figures.lisa_note(LISA.assign(fdr=True), labels)
