"""What the pipeline keeps between its steps: panels, weights, estimates, frames, tables, figures."""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from shuyi.errors import DataError, ShuyiError, offenders
from shuyi.files import (
    read_bytes,
    read_json,
    read_rows,
    read_text,
    write_bytes,
    write_csv,
    write_files,
    write_json,
    write_text,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.files import PathLike
    from shuyi.panel import Panel
    from shuyi.pipeline.checks import CheckReport
    from shuyi.publish.labels import Labels, Language
    from shuyi.publish.table import Table
    from shuyi.spatialpanel import Fit
    from shuyi.spatialpanel.least_squares import FixedEffectsFit
    from shuyi.weights import Weights


def check_writable(folder: PathLike) -> None:
    """Raise DataError if a folder, or the one it would be made in, cannot be written.

    Parameters
    ----------
    folder : path
        Folder of the results, which need not exist.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    path = Path(folder)
    place = path if path.exists() else path.parent
    if not place.is_dir() or not os.access(place, os.W_OK):
        raise DataError(
            f"Results cannot be written to {path.as_posix()}/.",
            expected="a folder that can be written",
            found="a file of that name" if place.is_file() else "a read-only folder",
            remedy="change its permissions or move it away, then run again",
        )


def read_panel(path: PathLike) -> Panel:
    """Read a panel written by `write_panel`.

    Parameters
    ----------
    path : path
        Parquet file.

    Returns
    -------
    Panel
        With unit names and units of measurement.
    """
    import pyarrow.parquet as pq

    from shuyi.panel import Panel

    table = pq.read_table(os.fspath(path))
    labels = json.loads(table.schema.metadata[b"shuyi"])
    frame = table.to_pandas().set_index(["unit", "period"])
    return Panel.from_frame(frame, unit_names=labels["unit_names"], measures=labels["measures"])


def write_panel(path: PathLike, panel: Panel) -> None:
    """Write a panel as Parquet in long form, with unit names and measures in the file's metadata.

    Parameters
    ----------
    path : path
        Parquet file to write or replace.
    panel : Panel
        Balanced panel that holds the variables.

    Raises
    ------
    DataError
        If the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = panel.to_frame().reset_index()
    labels = {"unit_names": dict(panel.unit_names), "measures": dict(panel.measures)}
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(
        {"shuyi": json.dumps(labels, ensure_ascii=False, sort_keys=True)}
    )
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    write_bytes(path, buffer.getvalue().to_pybytes())


def read_weights(path: PathLike) -> Weights:
    """Read weights written by `write_weights`: a labelled CSV with its JSON description beside it.

    Parameters
    ----------
    path : path
        CSV file; the description stands beside it with the suffix ``.json``.

    Returns
    -------
    Weights
        Equal to the weights that were written.

    Raises
    ------
    WeightsError
        If table and description contradict each other.
    """
    from shuyi.weights import from_csv_text

    return from_csv_text(read_text(path), read_json(Path(path).with_suffix(".json")))


def write_weights(path: PathLike, weights: Weights) -> None:
    """Write weights as labelled CSV, GAL (who neighbours whom), GWT (values) and a JSON description.

    Parameters
    ----------
    path : path
        CSV file to write or replace; the others stand beside it.
    weights : Weights
        Spatial weights in the panel's order of units.

    Raises
    ------
    DataError
        If a file cannot be written.
    """
    from shuyi.weights import metadata, to_csv_text, to_gal_text, to_gwt_text

    path = Path(path)
    write_text(path, to_csv_text(weights))
    write_text(path.with_suffix(".gal"), to_gal_text(weights))
    write_text(path.with_suffix(".gwt"), to_gwt_text(weights))
    write_json(path.with_suffix(".json"), metadata(weights))


def write_all_weights(paths: Sequence[PathLike], weights: Mapping[str, Weights]) -> None:
    """Write several weights matrices in every form; the CSV files among the paths name them all.

    Parameters
    ----------
    paths : sequence of path
        CSV files, one per matrix.
    weights : mapping of str to Weights
        Weights by the stem of their file.

    Raises
    ------
    DataError
        If a matrix has no file among the paths or a file no matrix.
    """
    targets = {Path(path).stem: path for path in paths}
    _check_matched(targets, weights)
    for name, built in weights.items():
        write_weights(targets[name], built)


def write_records(paths: Sequence[PathLike], contents: Sequence[Any]) -> None:
    """Write plain data as JSON, one file each.

    Parameters
    ----------
    paths : sequence of path
        JSON files.
    contents : sequence of object
        Plain data, one per file.

    Raises
    ------
    DataError
        If a file cannot be written.
    """
    for path, content in zip(paths, contents, strict=True):
        write_json(path, content)


def write_csvs(paths: Sequence[PathLike], frames: Iterable[pd.DataFrame]) -> None:
    """Write frames as CSV, one file each.

    Parameters
    ----------
    paths : sequence of path
        CSV files.
    frames : iterable of DataFrame
        Frames, one per file.

    Raises
    ------
    DataError
        If a file cannot be written.
    """
    for path, frame in zip(paths, frames, strict=True):
        write_csv(path, frame)


def write_checks(targets: Mapping[str, PathLike], reports: Iterable[CheckReport]) -> None:
    """Write the reports of checks as JSON to the targets of their names.

    Parameters
    ----------
    targets : mapping of str to path
        Path by name of the check.
    reports : iterable of CheckReport
        Outcomes of checks.

    Raises
    ------
    DataError
        If a file cannot be written.
    """
    for report in reports:
        write_json(targets[report.check], report.to_record())


def read_borders(path: PathLike) -> list[tuple[str, str]]:
    """Return the pairs of units that share a land border.

    Parameters
    ----------
    path : path
        Table with the columns adcode_i and adcode_j.

    Returns
    -------
    list of (str, str)
        Each border once.
    """
    return [(row["adcode_i"], row["adcode_j"]) for row in read_rows(path)]


def contents(paths: Sequence[PathLike]) -> dict[str, bytes]:
    """Return the content of files by their path.

    Parameters
    ----------
    paths : sequence of path
        Files to read.

    Returns
    -------
    dict of str to bytes
    """
    return {str(path): read_bytes(path) for path in paths}


def texts(paths: Sequence[PathLike]) -> dict[str, str]:
    """Return the text of files by their path.

    Parameters
    ----------
    paths : sequence of path
        Files to read.

    Returns
    -------
    dict of str to str
    """
    return {str(path): read_text(path) for path in paths}


def by_stem(paths: Sequence[PathLike]) -> dict[str, bytes]:
    """Return the content of files by their name without folder and suffix.

    Parameters
    ----------
    paths : sequence of path
        Files of different names.

    Returns
    -------
    dict of str to bytes
        Content by name.
    """
    return {Path(path).stem: read_bytes(path) for path in paths}


def described(descriptor: PathLike, paths: Sequence[PathLike]) -> dict[str, bytes]:
    """Return the content of files by their path relative to the folder of their description.

    Parameters
    ----------
    descriptor : path
        Description of a data package.
    paths : sequence of path
        Files below its folder.

    Returns
    -------
    dict of str to bytes
        Content by path.
    """
    root = Path(descriptor).parent
    return {Path(path).relative_to(root).as_posix(): read_bytes(path) for path in paths}


def read_fit(path: PathLike) -> Fit | FixedEffectsFit:
    """Read estimates from the JSON that their ``to_dict`` gave.

    Parameters
    ----------
    path : path
        JSON file.

    Returns
    -------
    Fit or FixedEffectsFit
        Without weights.

    Raises
    ------
    DataError
        If the file holds no fit in a known format.
    """
    from shuyi.analyses.estimation.estimates import fit_from_dict

    return fit_from_dict(read_json(path))


def read_labels(
    paths: Sequence[PathLike], language: Language, numbers: Mapping[str, str] | None = None
) -> Labels:
    """Read the texts of one language from the files of config/labels.

    Parameters
    ----------
    paths : sequence of path
        Files of ``config/labels``.
    language : {"en", "zh"}
        Language wanted.
    numbers : mapping of str to str, optional
        Number of each table and figure by name.

    Returns
    -------
    Labels
        Texts of all files.

    Raises
    ------
    ConfigError
        If a key occurs twice or a text is empty.
    """
    from shuyi.publish.labels import Labels

    rows = [row for path in paths for row in read_rows(path, ("key", "en", "zh"))]
    return Labels.from_rows(rows, language, numbers or {})


def write_table(path: PathLike, table: Table) -> None:
    """Write a table in every format beside the path of one of them.

    Parameters
    ----------
    path : path
        File of the table in one of the formats.
    table : Table
        Table to write.

    Raises
    ------
    DataError
        If a file cannot be written.
    """
    from shuyi.publish.html import render

    stem = Path(path).with_suffix("")
    write_files({f"{stem}{suffix}": content for suffix, content in render(table).items()})


def write_figure(path: PathLike, figure: Figure, *, dpi: int) -> None:
    """Write a figure as PNG, PDF and SVG beside the path of one of them.

    Parameters
    ----------
    path : path
        File of the figure in one of the formats.
    figure : Figure
        Figure to write.
    dpi : int
        Resolution of PNG, dots per inch.

    Raises
    ------
    DataError
        If a file cannot be written.
    """
    from shuyi.publish.style import figure_files

    stem = Path(path).with_suffix("")
    write_files({f"{stem}.{kind}": content for kind, content in figure_files(figure, dpi=dpi).items()})


def read_frame(path: PathLike, *, text: Sequence[str] = ()) -> pd.DataFrame:
    """Return a CSV file of the pipeline.

    Parameters
    ----------
    path : path
        File whose first line is the header.
    text : sequence of str, default empty
        Columns that stay text where the file has them; their empty cells are empty text.

    Returns
    -------
    DataFrame
        Numbers where a column holds numbers only.
    """
    import pandas as pd

    content = read_text(path)
    header = pd.read_csv(io.StringIO(content), nrows=0).columns
    kept = [column for column in dict.fromkeys(text) if column in header]
    frame = pd.read_csv(io.StringIO(content), dtype=dict.fromkeys(kept, str))
    return frame.assign(**{column: frame[column].fillna("") for column in kept})


def read_frames(sources: Any, names: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Return the CSV files that stand under some names in a rule's input; units stay text.

    Parameters
    ----------
    sources : mapping or namedlist
        Path by name.
    names : sequence of str
        Those to read.

    Returns
    -------
    dict of str to DataFrame
        Frame by name.
    """
    return {name: read_frame(sources.get(name), text=["unit"]) for name in names}


def write_frames(targets: Mapping[str, PathLike], frames: Mapping[str, pd.DataFrame]) -> None:
    """Write frames as CSV to the targets of the same names.

    Parameters
    ----------
    targets : mapping of str to path
        Path by name.
    frames : mapping of str to DataFrame
        Frame by name.

    Raises
    ------
    DataError
        If a frame has no target or a target no frame.
    """
    _check_matched(targets, frames)
    for name, frame in frames.items():
        write_csv(targets[name], frame)


def write_tables(paths: Sequence[PathLike], tables: Sequence[Table]) -> None:
    """Write tables in every format; the HTML pages among the paths name them all.

    Parameters
    ----------
    paths : sequence of path
        Files of the tables in every format.
    tables : sequence of Table
        Tables, each with the id of a file.

    Raises
    ------
    DataError
        If a table has no page among the paths or a page no table.
    """
    pages = {Path(path).stem: path for path in paths if Path(path).suffix == ".html"}
    _check_matched(pages, {table.id: table for table in tables})
    for table in tables:
        write_table(pages[table.id], table)


def write_figures(paths: Sequence[PathLike], figures: Mapping[str, Figure], *, dpi: int) -> None:
    """Write figures as PNG, PDF and SVG; the PNG files among the paths name them all.

    Parameters
    ----------
    paths : sequence of path
        Files of the figures in every format.
    figures : mapping of str to Figure
        Figure by the name of its file.
    dpi : int
        Resolution of PNG, dots per inch.

    Raises
    ------
    DataError
        If a figure has no file among the paths or a file no figure.
    """
    images = {Path(path).stem: path for path in paths if Path(path).suffix == ".png"}
    _check_matched(images, figures)
    for name, figure in figures.items():
        write_figure(images[name], figure, dpi=dpi)


def _check_matched(targets: Mapping[str, object], made: Mapping[str, object]) -> None:
    if set(targets) != set(made):
        raise DataError(
            "A job makes other results than its rule declares.",
            expected=offenders(sorted(targets), len(targets)),
            found=offenders(sorted(made), len(made)) or "none",
        )


class logged:  # noqa: N801 - a context manager reads as a verb
    """Write a job's warnings, and the reason of its failure, to the log of its rule.

    An error that shuyi raises on purpose ends the job with its message alone; any other error keeps its
    traceback.

    Parameters
    ----------
    path : path
        Log of the rule.
    """

    def __init__(self, path: PathLike) -> None:
        self.path = path

    def __enter__(self) -> None:
        self._catcher = warnings.catch_warnings(record=True)
        self._caught = self._catcher.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._catcher.__exit__(kind, error, trace)
        lines = [f"{w.category.__name__}: {w.message}" for w in self._caught]
        if isinstance(error, ShuyiError):
            lines.append(f"{kind.__name__ if kind else ''}: {error}")
        elif error is not None:
            lines.append("".join(traceback.format_exception(error)))
        try:
            write_text(self.path, "".join(f"{line}\n" for line in dict.fromkeys(lines)))
        except DataError as unwritten:
            lines.append(f"{type(unwritten).__name__}: {unwritten}")
            if error is None:
                error = unwritten
        if isinstance(error, ShuyiError):
            sys.stderr.write("".join(f"{line}\n" for line in lines[-2:] if "Error: " in line))
            raise SystemExit(1) from None
