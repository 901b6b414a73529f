"""Weights in binary files: ArcGIS SWM, Matlab, R."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from shuyi.errors import DataError, WeightsError, did_you_mean, offenders
from shuyi.readers.content import Content, check_many_cells, gunzip
from shuyi.weights.readers.entries import Entries, from_dense, from_links

_DAMAGE = (
    ValueError,
    TypeError,
    LookupError,
    NotImplementedError,
    EOFError,
    OSError,
    struct.error,
    zlib.error,
)
"""What libraries raise on files that are damaged or of another kind."""

HDF5 = b"\x89HDF"
"""First bytes of a Matlab file of version 7.3."""


def read_swm(content: Content) -> Entries:
    """Return the links in a spatial weights matrix file of ArcGIS, of the old or the new layout.

    Parameters
    ----------
    content : Content
        A .swm file.

    Returns
    -------
    Entries
        Labelled by the whole numbers of its key field.

    Raises
    ------
    WeightsError
        If the file is cut short or no .swm file.
    """
    head, mark, body = content.data.partition(b"\n")
    about = _swm_header(head)
    if not mark or about is None:
        raise WeightsError(
            f"{content.name} does not begin like a .swm file.",
            expected="a first line with key and spatial reference",
            found=repr(head[:40]),
        )
    try:
        labels, links, standardised = _swm_records(body, fixed=about.get("FIXEDWEIGHTS", "") == "TRUE")
    except struct.error as error:
        raise WeightsError(
            f"{content.name} is cut short.", found=str(error), remedy="export it anew"
        ) from error
    notes = (f"key {about['UNIQUEID']}", *(("row-standardised by ArcGIS",) if standardised else ()))
    return from_links(content.name, links, labels, form="SWM", notes=notes)


def _swm_header(head: bytes) -> dict[str, str] | None:
    text = head.decode("latin-1").strip()
    if text.upper().startswith("VERSION@"):
        pairs = [item.partition("@") for item in text.split(";") if "@" in item]
        return {"UNIQUEID": "?", **{key.upper(): value.strip().upper() for key, _, value in pairs}}
    key, mark, _ = text.partition(";")
    return {"UNIQUEID": key} if mark else None


def _swm_records(body: bytes, *, fixed: bool) -> tuple[list[str], list[tuple[str, str, float]], bool]:
    n, standardised = struct.unpack_from("<2i", body, 0)
    labels, links, at = [], [], 8
    for _ in range(n):
        unit, count = struct.unpack_from("<2i", body, at)
        at += 8
        labels.append(str(unit))
        if count < 0:
            raise struct.error("a negative number of neighbours")
        if not count:
            continue
        members = struct.unpack_from(f"<{count}i", body, at)
        at += 4 * count
        given = 1 if fixed else count
        values = struct.unpack_from(f"<{given}d", body, at) * (count if fixed else 1)
        at += 8 * given + 8
        links += [(str(unit), str(m), float(v)) for m, v in zip(members, values, strict=True)]
    return labels, links, bool(standardised)


def read_matlab(content: Content, variable: str = "") -> Entries:
    """Return the square matrix in a Matlab file.

    Parameters
    ----------
    content : Content
        A .mat file of version 4 to 7.2, dense or sparse.
    variable : str
        Name of the matrix; by default the only square one.

    Returns
    -------
    Entries
        Without labels.

    Raises
    ------
    WeightsError
        If the file cannot be read, or holds no or several square matrices and none is named.
    """
    from scipy.io import loadmat, matlab, whosmat

    if content.data.startswith(HDF5) or b"MATLAB 7.3" in content.data[:128]:
        raise WeightsError(
            f"{content.name} is a Matlab file of version 7.3.",
            expected="version 7.2 or older",
            remedy="save it in Matlab by save('W.mat', 'W', '-v7')",
        )
    try:
        shapes = {name: shape for name, shape, _ in whosmat(io.BytesIO(content.data))}
        name = _square(content.name, shapes, variable)
        check_many_cells(shapes[name][0], shapes[name][1], content.name)
        found = loadmat(io.BytesIO(content.data), variable_names=[name])[name]
    except (matlab.MatReadError, *_DAMAGE) as error:
        raise WeightsError(f"{content.name} is no Matlab file that can be read.", found=str(error)) from error
    return from_dense(content.name, _real(content.name, name, found), form=f"Matlab matrix {name!r}")


def _square(file: str, shapes: Mapping[str, tuple[int, ...]], wanted: str) -> str:
    squares = [name for name, shape in shapes.items() if len(shape) == 2 and shape[0] == shape[1] > 1]
    if wanted in squares or (not wanted and len(squares) == 1):
        return wanted or squares[0]
    listed = offenders((f"{name} ({' x '.join(map(str, shape))})" for name, shape in shapes.items()), 12)
    raise WeightsError(
        f"{file} has no square matrix {wanted!r}."
        if wanted
        else f"{file} has {len(squares)} square matrices.",
        expected="one square matrix, or its name",
        found=listed or "no variables",
        remedy=did_you_mean(wanted, squares) or "say variable: with the name of the matrix",
    )


def _real(file: str, name: str, found: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    dense = found.toarray() if hasattr(found, "toarray") else np.asarray(found)
    if dense.dtype.kind not in "fiub":
        raise WeightsError(
            f"The matrix {name!r} of {file} does not hold real numbers.", found=str(dense.dtype)
        )
    return dense.astype(np.float64)


def read_r(content: Content, variable: str = "") -> Entries:
    """Return the square matrix in an R file.

    Parameters
    ----------
    content : Content
        A .rda, .RData or .rds file with plain numeric matrices; its code is never run.
    variable : str
        Name of the matrix in an .rda file; by default the only square one.

    Returns
    -------
    Entries
        Labelled by the dimnames, where there are any.

    Raises
    ------
    WeightsError
        If the file cannot be read, holds neighbour lists instead of a matrix, or holds no or several square
        matrices and none is named.
    """
    objects = _r_objects(content)
    matrices = {name: array for name, value in objects.items() if (array := _r_matrix(value)) is not None}
    if not matrices:
        kinds = offenders(f"{name} ({type(value).__name__})" for name, value in objects.items())
        raise WeightsError(
            f"{content.name} holds no numeric matrix.",
            expected="a plain matrix with dimnames",
            found=kinds or "nothing",
            remedy="in R, write spdep::nb2mat(nb) or as.matrix(W) to the file, or spdep::write.nb.gal()",
        )
    name = _square(content.name, {k: v.shape for k, (v, _) in matrices.items()}, variable)
    values, labels = matrices[name]
    return from_dense(content.name, _real(content.name, name, values), labels, form=f"R matrix {name!r}")


def _r_objects(content: Content) -> dict[str, Any]:
    import rdata

    data = gunzip(content).data
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = rdata.conversion.convert(rdata.parser.parse_data(data))
    except (
        ValueError,
        NotImplementedError,
        TypeError,
        KeyError,
        EOFError,
        struct.error,
        IndexError,
    ) as error:
        raise DataError(
            f"{content.name} is no R file that can be read.",
            expected="a .rda or .rds file of R 3 or later",
            found=str(error) or type(error).__name__,
            remedy="in R, write.csv(W, 'W.csv')",
        ) from error
    single = not (isinstance(found, dict) and data[:5] in (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n"))
    return {"object": found} if single else dict(found)


def _r_matrix(value: Any) -> tuple[np.ndarray[Any, Any], tuple[str, ...]] | None:
    if hasattr(value, "coords") and getattr(value, "ndim", 0) == 2:
        names = [tuple(map(str, value.coords[d].values)) for d in value.dims if d in value.coords]
        if len(names) == 2 and names[0] != names[1]:
            raise WeightsError(
                "A matrix names other units on its columns than on its rows.",
                found=f"rows {offenders(names[0], 3)}; columns {offenders(names[1], 3)}",
                remedy="give both the same dimnames in the same order",
            )
        return np.asarray(value.values), names[0] if names else ()
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return value, ()
    return None
