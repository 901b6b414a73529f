"""What a table is: full-precision data, rounded cells, notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from shuyi.errors import DataError, offenders
from shuyi.publish.labels import Labels, Language


@dataclass(frozen=True, eq=False)
class Table:
    """A table of the paper in one language.

    Parameters
    ----------
    id : str
        ``table`` and its number, e.g. ``"estimates"``.
    title : str
        Title without the number.
    heading : str
        Title with the number.
    data : DataFrame
        Tidy numbers in full precision; names are keys, not labels, so that it is the same in every language.
    display : DataFrame
        Text cells. The index holds row labels, or (group, row label); the columns hold headers, or
        (spanner, header).
    notes : tuple of str
        Sentences below the table.
    language : {"en", "zh"}, default "en"
        Language of titles, headings and notes.
    widths : tuple of float, default empty
        Shares of the width of the row labels and of each column, for tables with long text; empty where
        columns take the width they need.

    Raises
    ------
    DataError
        If a cell is not text, the groups of rows are scattered, or the widths do not fit the columns.
    """

    id: str
    title: str
    heading: str
    data: pd.DataFrame
    display: pd.DataFrame
    notes: tuple[str, ...]
    language: Language = "en"
    widths: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.id):
            raise DataError("A table has a wrong id.", expected="a-z, 0-9 and _", found=repr(self.id))
        cells = self.display.to_numpy(dtype=object).ravel()
        wrong = [repr(cell) for cell in cells if not isinstance(cell, str)]
        if wrong:
            raise DataError(
                f"Cells of {self.id} are not text.", expected="formatted text", found=offenders(wrong)
            )
        _check_groups_together(self)
        if self.widths and len(self.widths) != self.display.shape[1] + 1:
            raise DataError(
                f"The widths of {self.id} do not fit its columns.",
                expected=f"{self.display.shape[1] + 1} widths",
                found=str(len(self.widths)),
            )

    def note(self) -> str:
        """Return the notes as one paragraph.

        Returns
        -------
        str
            Sentences separated as the language does.
        """
        return (" " if self.language == "en" else "").join(self.notes)


def build_table(
    identifier: str,
    labels: Labels,
    *,
    data: pd.DataFrame,
    display: pd.DataFrame,
    notes: Sequence[str],
    widths: Sequence[float] = (),
    kind: str = "",
    part: str = "",
) -> Table:
    """Build a table whose title is the label ``table.<kind>.title``; empty notes are left out.

    Parameters
    ----------
    identifier : str
        Name of the table.
    labels : Labels
        Texts in the language of the output.
    data : DataFrame
        Tidy numbers in full precision.
    display : DataFrame
        Text cells, with row labels in the index and headers in the columns.
    notes : sequence of str
        Sentences below the table; empty ones are left out.
    widths : sequence of float, default empty
        Shares of the width of row labels and columns, for tables with long text.
    kind : str, default ""
        Name of the table whose title this one carries; by default its own.
    part : str, default ""
        What the table covers of its kind, printed behind the title; empty for all.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    title = labels.text(f"table.{kind or identifier}.title")
    if part:
        title = labels.text("table.part", title=title, part=part)
    heading = labels.text("table.heading", number=labels.number(identifier), title=title)
    first, *rest = [note for note in notes if note]
    return Table(
        identifier,
        title,
        heading,
        data.reset_index(drop=True),
        display,
        (labels.text("table.notes", first=first), *rest),
        labels.language,
        tuple(widths),
    )


def _check_groups_together(table: Table) -> None:
    if table.display.index.nlevels == 1:
        return
    groups = list(table.display.index.get_level_values(0))
    starts = [g for g, before in zip(groups, [None, *groups], strict=False) if g != before]
    twice = sorted({g for g in starts if starts.count(g) > 1})
    if twice:
        raise DataError(
            f"Row groups of {table.id} are scattered.",
            expected="the rows of a group beside each other",
            found=offenders(twice),
        )
