"""The reviewer's side: the arithmetic of a printed spatial panel table.

`check_table` takes a `PrintedTable` and returns a `Report`; `read_form` and `readers` make tables from files.
A check that fails is a question to the authors.
"""

from shuyi.review.check import check_table
from shuyi.review.findings import Check, Report, Verdict
from shuyi.review.readers.form import read_form
from shuyi.review.table import PrintedTable

__all__ = ["Check", "PrintedTable", "Report", "Verdict", "check_table", "read_form"]
