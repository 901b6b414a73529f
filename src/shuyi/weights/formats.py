"""Weights as text: labelled CSV, GAL and GWT, a description in JSON's types, and a summary of connectivity.

CSV holds every value with the digits that restore it exactly. GAL, read by GeoDa, R's spdep and libpysal,
holds neighbours without values; GWT holds values but has no line for an island. libpysal's ``Graph.to_gal``
and ``Graph.to_gwt`` write files, round values to seven decimals, turn blanks in labels into underscores and
name neither layer nor key; the text made here holds every digit and refuses labels with blanks.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.data.numerals import plain_number
from shuyi.errors import AlignmentError, WeightsError, did_you_mean, offenders
from shuyi.weights.build import Coordinates, great_circle_km
from shuyi.weights.container import ROW_SUM_TOLERANCE, Weights

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

NORMALISATION_TOLERANCE = 1e-8
"""Largest deviation of a spectral radius from one in weights read as spectrally normalised."""


SEPARATORS = {"tabs": "\t", "semicolons": ";", "blanks": " "}
"""Marks other than commas that tables separate their cells by."""


def to_csv_text(weights: Weights) -> str:
    """Return a square CSV table with the labels in the first row and column, at full precision.

    Parameters
    ----------
    weights : Weights
        Weights of any kind and normalisation.

    Returns
    -------
    str
        n + 1 lines of n + 1 cells, the first cell empty.

    Examples
    --------
    >>> from shuyi.weights import build_contiguity, to_csv_text
    >>> print(to_csv_text(build_contiguity(["a", "b"], [("a", "b")])), end="")
    ,a,b
    a,0,1
    b,1,0
    """
    rows = weights.to_dense().tolist()
    lines = [",".join(["", *map(_quoted, weights.labels)])]
    lines += [
        ",".join([_quoted(label), *map(_number, row)])
        for label, row in zip(weights.labels, rows, strict=True)
    ]
    return "\n".join(lines) + "\n"


def to_gal_text(weights: Weights, *, layer: str = "units", key: str = "code") -> str:
    """Return the neighbours of each unit in GAL form, islands included, without values.

    Parameters
    ----------
    weights : Weights
        Weights whose nonzero entries are the neighbours.
    layer, key : str
        Name of the map layer and of its identifying column that GeoDa looks for; no blanks.

    Returns
    -------
    str
        A header, then two lines per unit: label and number of neighbours, labels of the neighbours.

    Raises
    ------
    WeightsError
        If a label is empty or holds a blank.

    Examples
    --------
    >>> from shuyi.weights import build_contiguity, to_gal_text
    >>> print(to_gal_text(build_contiguity(["a", "b", "c"], [("a", "b"), ("b", "c")])), end="")
    0 3 units code
    a 1
    b
    b 2
    a c
    c 1
    b
    """
    _check_no_blanks(weights.labels)
    lines = [f"0 {weights.n} {layer} {key}"]
    for label, neighbours in zip(weights.labels, _neighbours(weights), strict=True):
        lines += [f"{label} {len(neighbours)}", " ".join(weights.labels[j] for j in neighbours)]
    return "\n".join(lines) + "\n"


def to_gwt_text(weights: Weights, *, layer: str = "units", key: str = "code") -> str:
    """Return the nonzero weights in GWT form, one "unit neighbour value" per line, at full precision.

    An island has no line; only the number of units in the header counts it. GAL and CSV name it.

    Parameters
    ----------
    weights : Weights
        Weights whose nonzero entries are written.
    layer, key : str
        Name of the map layer (default "units") and of its identifying column (default "code") that GeoDa
        looks for; no blanks.

    Returns
    -------
    str
        A header and one line per nonzero weight, in the order of rows and columns.

    Raises
    ------
    WeightsError
        If a label is empty or holds a blank.

    Examples
    --------
    >>> from shuyi.weights import build_contiguity, to_gwt_text
    >>> print(to_gwt_text(build_contiguity(["a", "b"], [("a", "b")])), end="")
    0 2 units code
    a b 1
    b a 1
    """
    _check_no_blanks(weights.labels)
    dense = weights.to_dense()
    lines = [f"0 {weights.n} {layer} {key}"]
    for i, neighbours in enumerate(_neighbours(weights)):
        lines += [
            f"{weights.labels[i]} {weights.labels[j]} {_number(float(dense[i, j]))}" for j in neighbours
        ]
    return "\n".join(lines) + "\n"


def metadata(weights: Weights) -> dict[str, Any]:
    """Return what a weights table does not say of itself, in JSON's types.

    An unbounded end of the eigenvalue interval is None.

    Parameters
    ----------
    weights : Weights
        Weights of any kind and normalisation.

    Returns
    -------
    dict
        Keys kind, normalisation, signed, definition, n, links, islands and eigenvalue_interval.

    Examples
    --------
    >>> from shuyi.weights import build_contiguity, metadata
    >>> about = metadata(build_contiguity(["a", "b"], [("a", "b")]))
    >>> about["kind"], about["n"], about["links"], about["eigenvalue_interval"]
    ('contiguity', 2, 2, [-1.0, 1.0])
    """
    bounds = [bound if math.isfinite(bound) else None for bound in weights.eigenvalue_interval]
    return {
        "kind": weights.kind,
        "normalisation": weights.normalisation,
        "signed": weights.signed,
        "definition": dict(weights.definition),
        "n": weights.n,
        "links": weights.nonzero,
        "islands": list(weights.islands),
        "eigenvalue_interval": bounds,
    }


def from_csv_text(text: str, about: Mapping[str, Any]) -> Weights:
    """Restore weights from `to_csv_text` and `metadata`.

    Parameters
    ----------
    text : str
        Table as `to_csv_text` writes it.
    about : mapping
        Description as `metadata` gives it.

    Returns
    -------
    Weights
        Equal to the weights that were written, to the last digit.

    Raises
    ------
    WeightsError
        If the table is malformed, or contradicts the normalisation or the number of links described.

    Examples
    --------
    >>> from shuyi.weights import build_contiguity, from_csv_text, metadata, to_csv_text
    >>> w = build_contiguity(["a", "b"], [("a", "b")]).normalise("row")
    >>> from_csv_text(to_csv_text(w), metadata(w)).normalisation
    'row'
    """
    labels, matrix = _parsed(text, "the weights table")
    weights = Weights(
        matrix,
        labels,
        about["kind"],
        about["normalisation"],
        about["signed"],
        about["definition"],
    )
    _check_consistent(weights, about)
    return weights


def from_user_csv(
    text: str,
    labels: Sequence[str],
    *,
    source: str,
    resolve: Callable[[str], str] | None = None,
    signed: bool = False,
) -> Weights:
    r"""Read a user's square table of weights and put it in the order of the labels.

    Parameters
    ----------
    text : str
        CSV: unit identifiers in the first row and column, in the same order on both; a number in every cell.
    labels : sequence of str, length n
        The units wanted, in the order wanted.
    source : str
        Name of the file, for messages.
    resolve : callable, optional
        Turns an identifier of the file (a name or alias) into a label.
    signed : bool, default False
        Whether negative weights are meant.

    Returns
    -------
    Weights
        Of kind ``"file"``, in the order of `labels`, not normalised.

    Raises
    ------
    WeightsError
        If the table is not square, its rows and columns are ordered differently, a cell is not a number, an
        identifier is unknown or repeated, or an entry is negative, infinite or on the diagonal.
    AlignmentError
        If a unit is missing.

    Examples
    --------
    >>> from shuyi.weights import from_user_csv
    >>> from_user_csv(",b,a\nb,0,2\na,1,0\n", ["a", "b"], source="ours.csv").to_dense()
    array([[0., 1.],
           [2., 0.]])
    """
    found, matrix = _parsed(text, source)
    found = tuple(resolve(label) if resolve else label for label in found)
    missing = [label for label in labels if label not in set(found)]
    unknown = [label for label in found if label not in set(labels)]
    if unknown:
        raise WeightsError(
            f"{source} names units that are not in the registry.",
            expected=f"{len(labels)} units such as {offenders(labels, 3)}",
            found=f"unknown: {offenders(unknown)}" + (f"; missing: {offenders(missing)}" if missing else ""),
            remedy=did_you_mean(unknown[0], labels),
        )
    if missing:
        raise AlignmentError(
            f"{source} lacks units.",
            expected=f"{len(labels)} units",
            found=f"{len(found)} units; missing: {offenders(missing)}",
            remedy="add a row and a column of zeros for each, which islands: keep lets pass and a sample "
            "without these units leaves out",
        )
    weights = Weights(matrix, found, "file", signed=signed, definition={"file": source})
    return weights.reindex(labels)


def summary(weights: Mapping[str, Weights], coordinates: Coordinates | None = None) -> pd.DataFrame:
    """Return the connectivity of several weights, one row per name.

    Parameters
    ----------
    weights : mapping
        Weights by name.
    coordinates : mapping of str to (float, float), optional
        (latitude, longitude) in degrees by label, for the mean great-circle length of the links in
        kilometres; without it that column is NaN.

    Returns
    -------
    DataFrame
        Columns weights, kind, normalisation, n, links, density (links / (n (n - 1))), neighbours_min,
        neighbours_mean, neighbours_max, islands (labels), components, symmetric, row_sum_min, row_sum_max,
        interval_low, interval_high (rho that keeps I - rho W nonsingular), link_km_mean.

    Examples
    --------
    >>> from shuyi.weights import build_contiguity, summary
    >>> w = build_contiguity(["a", "b", "c"], [("a", "b"), ("b", "c")])
    >>> summary({"border": w})[["weights", "links", "neighbours_mean", "components"]]
      weights  links  neighbours_mean  components
    0  border      4         1.333333           1
    """
    import pandas as pd

    rows = [{"weights": name, **_connectivity(w, coordinates)} for name, w in weights.items()]
    return pd.DataFrame(rows)


def _connectivity(weights: Weights, coordinates: Coordinates | None) -> dict[str, Any]:
    degrees, dense = weights.cardinalities, weights.to_dense()
    low, high = weights.eigenvalue_interval
    return {
        "kind": weights.kind,
        "normalisation": weights.normalisation,
        "n": weights.n,
        "links": weights.nonzero,
        "density": weights.nonzero / (weights.n * (weights.n - 1)),
        "neighbours_min": int(degrees.min()),
        "neighbours_mean": float(degrees.mean()),
        "neighbours_max": int(degrees.max()),
        "islands": " ".join(weights.islands),
        "components": weights.n_components,
        "symmetric": bool(np.array_equal(dense, dense.T)),
        "row_sum_min": float(weights.row_sums.min()),
        "row_sum_max": float(weights.row_sums.max()),
        "interval_low": low,
        "interval_high": high,
        "link_km_mean": _mean_link_km(weights, dense, coordinates),
    }


def _mean_link_km(weights: Weights, dense: NDArray[np.float64], coordinates: Coordinates | None) -> float:
    if coordinates is None or not weights.nonzero:
        return math.nan
    return float(great_circle_km(weights.labels, coordinates)[dense != 0].mean())


def _neighbours(weights: Weights) -> list[NDArray[np.intp]]:
    dense = weights.to_dense()
    return [np.flatnonzero(row) for row in dense]


def _number(value: float) -> str:
    return repr(int(value)) if value.is_integer() else repr(value)


def _quoted(label: str) -> str:
    return '"' + label.replace('"', '""') + '"' if any(c in label for c in ',"\n\r') else label


def _check_no_blanks(labels: Sequence[str]) -> None:
    blank = [label for label in labels if not label or any(c.isspace() for c in label)]
    if blank:
        raise WeightsError(
            "GAL and GWT separate labels by blanks.",
            expected="labels without blanks",
            found=offenders(map(repr, blank)),
            remedy="export CSV, or use codes as labels",
        )


def _parsed(text: str, source: str) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text)) if any(row)]
    if len(rows) < 2:
        raise WeightsError(
            f"{source} holds no weights.",
            expected="a header row and one row per unit",
            found="an empty table",
        )
    _check_has_labels(rows, source)
    columns, labels = tuple(rows[0][1:]), tuple(row[0] for row in rows[1:])
    widths = [f"row {i + 2} has {len(row)}" for i, row in enumerate(rows[1:]) if len(row) != len(rows[0])]
    if widths or len(columns) != len(labels):
        raise WeightsError(
            f"{source} is not a square table.",
            expected=f"{len(labels) + 1} cells in each of {len(labels) + 1} rows (labels included)",
            found=f"a header of {len(rows[0])} cells"
            + (f"; {offenders(widths)}" if widths else f" and {len(labels)} rows below it"),
            remedy="separate cells by commas and give the same units on both axes",
        )
    _check_same_order(columns, labels, source)
    return labels, _numbers([row[1:] for row in rows[1:]], labels, source)


def _check_has_labels(rows: list[list[str]], source: str) -> None:
    """Refuse a bare matrix, and a table whose cells are separated by something else than commas."""
    other = next((name for name, mark in SEPARATORS.items() if mark in rows[0][0] and len(rows[0]) == 1), "")
    if other:
        raise WeightsError(
            f"{source} does not separate its cells by commas.",
            expected="cells separated by commas",
            found=f"{other}: {rows[0][0][:30]!r}",
            remedy="save the table as CSV with commas",
        )
    if _is_number(rows[0][0]) and all(_is_number(cell) for cell in rows[0]):
        raise WeightsError(
            f"{source} has no labels.",
            expected="the units in the first row and in the first column, so that weights are found by unit",
            found=f"numbers throughout: {len(rows)} rows of {len(rows[0])} cells",
            remedy="add a header row and a first column with the codes or names of the units",
        )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _check_same_order(columns: Sequence[str], labels: Sequence[str], source: str) -> None:
    if columns == labels:
        return
    differing = [(c, r) for c, r in zip(columns, labels, strict=True) if c != r]
    same_units = sorted(columns) == sorted(labels)
    raise WeightsError(
        f"{source} names its columns in another order than its rows."
        if same_units
        else f"{source} names other units on its columns than on its rows.",
        expected="the same labels in the same order on both axes",
        found=offenders(f"column {c!r} at row {r!r}" for c, r in differing),
        remedy="reorder the columns like the rows" if same_units else "mend the labels",
    )


def _numbers(cells: list[list[str]], labels: Sequence[str], source: str) -> NDArray[np.float64]:
    values = np.empty((len(labels), len(labels)))
    wrong = []
    for i, row in enumerate(cells):
        for j, cell in enumerate(row):
            value = plain_number(cell)
            if value is None:
                wrong.append(f"({labels[i]}, {labels[j]}) = {cell!r}")
            else:
                values[i, j] = value
    if wrong:
        raise WeightsError(
            f"{source} holds cells that are not numbers.",
            expected="a finite number in every cell, 0 where two units are not neighbours",
            found=offenders(wrong),
        )
    return values


def _check_consistent(weights: Weights, about: Mapping[str, Any]) -> None:
    sums = weights.row_sums[weights.cardinalities > 0]
    row_sums_differ = weights.normalisation == "row" and np.abs(sums - 1.0).max(initial=0) > ROW_SUM_TOLERANCE
    radius_differs = weights.normalisation == "spectral" and (
        abs(np.abs(weights.eigenvalues).max() - 1.0) > NORMALISATION_TOLERANCE
    )
    if row_sums_differ or radius_differs or weights.nonzero != about["links"]:
        raise WeightsError(
            "A weights table contradicts its description.",
            expected=f"normalisation {weights.normalisation!r}, {about['links']} links",
            found=f"row sums {sums.min(initial=np.inf):g} to {sums.max(initial=-np.inf):g}, "
            f"{weights.nonzero} links",
            remedy="build the weights again",
        )
