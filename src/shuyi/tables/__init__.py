"""Tables of the paper: frames and fits in, numbered tables in five file formats out.

``table1`` to ``table8`` take what earlier steps computed and return a `Table`; `render` turns any table into
its files. Rounding happens here and nowhere else.
"""

from shuyi.tables.description import (
    index_row,
    indicator_rows,
    paper_variables,
    scheme_titles,
    table1,
    table2,
    table3,
    table4,
    table5,
    variable_rows,
)
from shuyi.tables.estimation import (
    ModelEffects,
    estimates_frame,
    model_effects,
    serial_notes,
    table6,
    table7,
    table8,
)
from shuyi.tables.notes import all_weights_notes, islands_notes, weights_notes
from shuyi.tables.numbers import TableOptions
from shuyi.tables.render import SUFFIXES, render
from shuyi.tables.table import Table, build_table

__all__ = [
    "SUFFIXES",
    "ModelEffects",
    "Table",
    "TableOptions",
    "all_weights_notes",
    "build_table",
    "estimates_frame",
    "index_row",
    "indicator_rows",
    "islands_notes",
    "model_effects",
    "paper_variables",
    "render",
    "scheme_titles",
    "serial_notes",
    "table1",
    "table2",
    "table3",
    "table4",
    "table5",
    "table6",
    "table7",
    "table8",
    "variable_rows",
    "weights_notes",
]
