"""Small files of the shapes that figures come in, made in memory."""

import io
import zipfile

import openpyxl

from shuyi.units import Unit, Units

ENDINGS = (("省", "Province"), ("市", "City"), ("县", "County"))
UNITS = Units(
    (
        Unit("01", "甲省", "Alba", ("甲",), groups={"side": "east"}),
        Unit("02", "乙省", "Borea", ("乙",), groups={"side": "west"}),
        Unit("03", "丙市", "Cala", ("丙",)),
    ),
    ENDINGS,
)


def workbook(sheets, merged=(), formats=()):
    """Return the bytes of a workbook with sheets of rows; merged cells are (sheet, range)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for name, area in merged:
        book[name].merge_cells(area)
    for name, cell in formats:
        book[name][cell].number_format = "0.00"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def rewritten(content, member, old, new):
    """Return the bytes of a zip file with a text replaced in one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            data = source.read(info)
            target.writestr(info.filename, data.replace(old, new) if info.filename == member else data)
    return out.getvalue()


def text(*lines, encoding="utf-8"):
    """Return lines of text as bytes."""
    return ("\n".join(lines) + "\n").encode(encoding)
