"""All file access: every file that shuyi reads or writes passes through here.

Writers replace their target in one step, so that an interrupted run leaves no half-written file.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import traceback
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from shuyi.errors import DataError, ShuyiError, offenders

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.labels import Labels, Language
    from shuyi.nonspatial import FixedEffectsFit
    from shuyi.panel import Panel
    from shuyi.spatialpanel import Fit
    from shuyi.tables import Table
    from shuyi.weights import Weights

PathLike = str | os.PathLike[str]
ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in turn for files that users bring; GB 18030 holds GBK and GB 2312."""


def read_bytes(path: PathLike) -> bytes:
    """Return the content of a file.

    Raises
    ------
    DataError
        If there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("A file is missing.", expected=f"the file {path.as_posix()}", found="no such file")
    return path.read_bytes()


def file_size(path: PathLike) -> int:
    """Return the bytes of a file, zero where there is none.

    Parameters
    ----------
    path : str or Path
        The file.
    """
    path = Path(path)
    return path.stat().st_size if path.is_file() else 0


def write_bytes(path: PathLike, content: bytes) -> None:
    """Write a file in one step, making its folder where needed.

    Raises
    ------
    DataError
        If the folder or the file cannot be written.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        raise DataError(
            f"Cannot write {path.as_posix()}.",
            found=str(error.strerror or error),
            remedy="make the folder writable and leave room on the disk, then run again",
        ) from error


def refuse_read_only(folder: PathLike) -> None:
    """Raise DataError if a folder, or the one it would be made in, cannot be written."""
    path = Path(folder)
    place = path if path.exists() else path.parent
    if not place.is_dir() or not os.access(place, os.W_OK):
        raise DataError(
            f"Results cannot be written to {path.as_posix()}/.",
            expected="a folder that can be written",
            found="a file of that name" if place.is_file() else "a read-only folder",
            remedy="change its permissions or move it away, then run again",
        )


def read_text(path: PathLike) -> str:
    """Return the text of a file in UTF-8 or GB 18030, without a byte-order mark.

    Raises
    ------
    DataError
        If the file is missing or in neither encoding.
    """
    content = read_bytes(path)
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(
        f"Cannot decode {Path(path).as_posix()}.",
        expected="text in UTF-8 (with or without byte-order mark) or GB 18030",
        remedy="save the file as 'CSV UTF-8'",
    )


def write_text(path: PathLike, text: str) -> None:
    """Write text in UTF-8 with Unix line ends."""
    write_bytes(path, text.encode("utf-8"))


def read_json(path: PathLike) -> Any:
    """Return the content of a JSON file."""
    return json.loads(read_text(path))


def write_json(path: PathLike, content: Any) -> None:
    """Write JSON with stable formatting; numbers keep their full precision."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def read_yaml(path: PathLike) -> Any:
    """Return the content of a YAML file."""
    import yaml

    return yaml.load(read_text(path), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def read_rows(path: PathLike) -> list[dict[str, str]]:
    """Return the rows of a CSV file as dictionaries of text.

    Raises
    ------
    DataError
        If a row has more or fewer fields than the header.
    """
    reader = csv.DictReader(io.StringIO(read_text(path)))
    rows = list(reader)
    wrong = [str(i + 2) for i, row in enumerate(rows) if None in row or None in row.values()]
    if wrong:
        raise DataError(
            f"Rows of {Path(path).as_posix()} do not fit its header.",
            expected=f"{len(reader.fieldnames or ())} fields in every row",
            found=f"other counts in line {offenders(wrong)}",
        )
    return rows


def read_csv_text(path: PathLike) -> pd.DataFrame:
    """Return a CSV file as a frame of text: nothing is converted, empty cells are empty text."""
    import pandas as pd

    return pd.read_csv(io.StringIO(read_text(path)), dtype=str, keep_default_na=False)


def read_csv(path: PathLike, *, text: Sequence[str] = ()) -> pd.DataFrame:
    """Return a CSV file of the pipeline as a frame.

    Parameters
    ----------
    path : path
    text : sequence of str
        Columns that stay text: codes keep their form, empty cells are empty text.
    """
    import pandas as pd

    frame = pd.read_csv(io.StringIO(read_text(path)), dtype=dict.fromkeys(text, str))
    return frame.assign(**{column: frame[column].fillna("") for column in text})


def write_csv(path: PathLike, frame: pd.DataFrame, *, index: bool = False) -> None:
    """Write a frame as CSV with the shortest digits that restore each number exactly."""
    write_text(path, frame.to_csv(index=index, lineterminator="\n"))


def read_panel(path: PathLike) -> Panel:
    """Read a panel written by `write_panel`."""
    import pyarrow.parquet as pq

    from shuyi.panel import Panel

    table = pq.read_table(os.fspath(path))
    labels = json.loads(table.schema.metadata[b"shuyi"])
    frame = table.to_pandas().set_index(["unit", "period"])
    return Panel.from_frame(frame, unit_names=labels["unit_names"], measures=labels["measures"])


def write_panel(path: PathLike, panel: Panel) -> None:
    """Write a panel as Parquet in long form, with unit names and measures in the file's metadata."""
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
    """Read weights written by `write_weights`: a labelled CSV with its JSON description beside it."""
    from shuyi.weights import from_csv_text

    return from_csv_text(read_text(path), read_json(Path(path).with_suffix(".json")))


def write_weights(path: PathLike, weights: Weights) -> None:
    """Write weights as labelled CSV, GAL (who neighbours whom), GWT (values) and a JSON description."""
    from shuyi.weights import metadata, to_csv_text, to_gal_text, to_gwt_text

    path = Path(path)
    write_text(path, to_csv_text(weights))
    write_text(path.with_suffix(".gal"), to_gal_text(weights))
    write_text(path.with_suffix(".gwt"), to_gwt_text(weights))
    write_json(path.with_suffix(".json"), metadata(weights))


def read_fit(path: PathLike) -> Fit | FixedEffectsFit:
    """Read estimates from the JSON that their ``to_dict`` gave."""
    from shuyi.estimation import fit_from_dict

    return fit_from_dict(read_json(path))


def read_labels(paths: Sequence[PathLike], language: Language) -> Labels:
    """Read the texts of one language from the files of config/labels."""
    from shuyi.labels import Labels

    return Labels.from_rows([row for path in paths for row in read_rows(path)], language)


def write_table(path: PathLike, table: Table) -> None:
    """Write a table in every format beside the path of one of them."""
    from shuyi.tables import render

    stem = Path(path).with_suffix("")
    write_files({f"{stem}{suffix}": content for suffix, content in render(table).items()})


def write_figure(path: PathLike, figure: Figure, *, dpi: int) -> None:
    """Write a figure as PNG, PDF and SVG beside the path of one of them."""
    from shuyi.figurestyle import FORMATS, figure_bytes

    stem = Path(path).with_suffix("")
    write_files({f"{stem}.{kind}": figure_bytes(figure, kind, dpi=dpi) for kind in FORMATS})


def read_frames(sources: Any, names: Sequence[str], *, text: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """Return the CSV files that stand under some names in a rule's input.

    Parameters
    ----------
    sources : mapping or namedlist
        Paths by name.
    names : sequence of str
        Those to read.
    text : sequence of str
        Columns that stay text where a file has them.
    """
    import pandas as pd

    frames = {}
    for name in names:
        content = read_text(sources.get(name))
        header = pd.read_csv(io.StringIO(content), nrows=0).columns
        kept = [column for column in text if column in header]
        frame = pd.read_csv(io.StringIO(content), dtype=dict.fromkeys(kept, str))
        frames[name] = frame.assign(**{column: frame[column].fillna("") for column in kept})
    return frames


def write_frames(targets: Mapping[str, PathLike], frames: Mapping[str, pd.DataFrame]) -> None:
    """Write frames as CSV to the targets of the same names.

    Raises
    ------
    DataError
        If a frame has no target or a target no frame.
    """
    _refuse_unmatched(targets, frames)
    for name, frame in frames.items():
        write_csv(targets[name], frame)


def write_tables(paths: Sequence[PathLike], tables: Sequence[Table]) -> None:
    """Write tables in every format; the HTML pages among the paths name them all.

    Raises
    ------
    DataError
        If a table has no page among the paths or a page no table.
    """
    pages = {Path(path).stem: path for path in paths if Path(path).suffix == ".html"}
    _refuse_unmatched(pages, {table.id: table for table in tables})
    for table in tables:
        write_table(pages[table.id], table)


def write_figures(paths: Sequence[PathLike], figures: Mapping[str, Figure], *, dpi: int) -> None:
    """Write figures as PNG, PDF and SVG; the PNG files among the paths name them all.

    Raises
    ------
    DataError
        If a figure has no file among the paths or a file no figure.
    """
    images = {Path(path).stem: path for path in paths if Path(path).suffix == ".png"}
    _refuse_unmatched(images, figures)
    for name, figure in figures.items():
        write_figure(images[name], figure, dpi=dpi)


def _refuse_unmatched(targets: Mapping[str, object], made: Mapping[str, object]) -> None:
    if set(targets) != set(made):
        raise DataError(
            "A job makes other results than its rule declares.",
            expected=offenders(sorted(targets), len(targets)),
            found=offenders(sorted(made), len(made)) or "none",
        )


def write_files(files: Mapping[str, bytes]) -> None:
    """Write several files, each in one step."""
    for path, content in files.items():
        write_bytes(path, content)


class logged:  # noqa: N801 - a context manager reads as a verb
    """Write a job's warnings, and the reason of its failure, to the log of its rule.

    An error that shuyi raises on purpose ends the job with its message alone; any other error keeps its
    traceback.
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
        write_text(self.path, "".join(f"{line}\n" for line in dict.fromkeys(lines)))
        if isinstance(error, ShuyiError):
            sys.stderr.write(f"{lines[-1]}\n")
            raise SystemExit(1) from None
