"""Names that come with the data files, as rows of labels (key, en, zh) for tables and figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

Row = tuple[str, Mapping[str, str]]


def label_rows(rows: Iterable[Row]) -> pd.DataFrame:
    """Return pairs of key and text by language as a frame with the columns key, en and zh.

    Parameters
    ----------
    rows : iterable of (str, mapping)
        A key that occurs again with the same text is kept once.
    """
    import pandas as pd

    found = pd.DataFrame([(key, text["en"], text["zh"]) for key, text in rows], columns=["key", "en", "zh"])
    return found.drop_duplicates(ignore_index=True)
