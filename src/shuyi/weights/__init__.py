"""Spatial weights: the labelled matrix, its builders, its file formats and the reading of a specification.

`Weights` is the container; `build_<kind>` computes weights from borders, coordinates or levels;
`build_weights` turns one entry of a configuration into weights; the `*_text` functions write open formats.
"""

from shuyi.weights.build import (
    build_band,
    build_block,
    build_contiguity,
    build_convex,
    build_economic,
    build_inverse_distance,
    build_knn,
    build_nested,
    great_circle_km,
)
from shuyi.weights.container import (
    NORMALISATIONS,
    ROW_SUM_TOLERANCE,
    Normalisation,
    Weights,
    check_aligned,
    check_same_units,
)
from shuyi.weights.formats import (
    from_csv_text,
    from_user_csv,
    metadata,
    summary,
    to_csv_text,
    to_gal_text,
    to_gwt_text,
)
from shuyi.weights.spec import Sources, build_all, build_named, build_weights

__all__ = [
    "NORMALISATIONS",
    "ROW_SUM_TOLERANCE",
    "Normalisation",
    "Sources",
    "Weights",
    "build_all",
    "build_band",
    "build_block",
    "build_contiguity",
    "build_convex",
    "build_economic",
    "build_inverse_distance",
    "build_knn",
    "build_named",
    "build_nested",
    "build_weights",
    "check_aligned",
    "check_same_units",
    "from_csv_text",
    "from_user_csv",
    "great_circle_km",
    "metadata",
    "summary",
    "to_csv_text",
    "to_gal_text",
    "to_gwt_text",
]
