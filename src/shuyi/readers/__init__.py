"""Files of figures that users bring, read into units x periods: every change is logged, every doubt refused.

`guess` proposes a `Source` for a file; `read_source` and `read_sources` read what sources describe.
"""

from shuyi.readers.guessing import Guess, guess
from shuyi.readers.layouts import Change, LeftOut
from shuyi.readers.panels import Reading, join_readings, read_rows, read_source, read_sources
from shuyi.readers.source import LAYOUTS, Source

__all__ = [
    "LAYOUTS",
    "Change",
    "Guess",
    "LeftOut",
    "Reading",
    "Source",
    "guess",
    "join_readings",
    "read_rows",
    "read_source",
    "read_sources",
]
