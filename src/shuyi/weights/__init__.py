"""Spatial weights: the labelled matrix, its builders, its file formats and the reading of a specification.

`Weights` is the container; `build_*` computes weights from borders, coordinates or levels; `build` turns one
entry of a configuration into weights; the `*_text` functions write and read open formats.
"""

from shuyi.weights.container import (
    NORMALISATIONS,
    ROW_SUM_TOLERANCE,
    Normalisation,
    Weights,
    refuse_misaligned,
    refuse_other_units,
)

__all__ = [
    "NORMALISATIONS",
    "ROW_SUM_TOLERANCE",
    "Normalisation",
    "Weights",
    "refuse_misaligned",
    "refuse_other_units",
]
