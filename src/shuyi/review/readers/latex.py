"""Tables of LaTeX sources: esttab, outreg2, modelsummary, shuyi and others; nothing is executed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shuyi.errors import DataError
from shuyi.review.readers.grid import Grid, build_grid
from shuyi.review.readers.limits import MAX_TABLES

ENVIRONMENTS = "tabular|tabularx|tabulary|longtable|longtblr|tblr|talltblr|xltabular|supertabular|array"
BEGIN = re.compile(rf"\\begin\{{({ENVIRONMENTS})\*?\}}")
COMMENT = re.compile(r"(?<!\\)%.*")
RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot|noalign\{[^{}]*\}|addlinespace(?:\[[^\]]*\])?"
    r"|c(?:mid|line)?(?:rule|line)?(?:\[[^\]]*\])?(?:\([^)]*\))?\{[\d,\s-]*\}|cline\{[\d-]*\}|specialrule(?:\{[^{}]*\}){3}"
    r"|rowcolor\{[^{}]*\}|vspace\*?\{[^{}]*\}|smallskip|medskip|bigskip|tabularnewline)"
)
SYMBOLS = {
    "rho": "ρ", "lambda": "λ", "sigma": "σ", "tau": "τ", "eta": "η", "beta": "β", "theta": "θ",
    "chi": "χ", "times": "×", "cdot": "·", "ast": "*", "star": "*", "textasteriskcentered": "*",
    "textminus": "-", "textless": "<", "textgreater": ">", "leq": "≤", "geq": "≥", "infty": "∞",
    "quad": " ", "qquad": " ", "textendash": "-", "textemdash": "—", "le": "≤", "ge": "≥", "lt": "<",
    "gt": ">", "ldots": "…", "dots": "…", "alpha": "α", "gamma": "γ", "delta": "δ", "pm": "±",
}  # fmt: skip
DROPPED = (
    "label", "footnotetext", "cite", "citep", "citet", "ref", "footnotesize", "vspace", "hspace",
    "rule", "input", "include", "cellcolor", "color", "rowcolor", "url", "href", "includegraphics",
)  # fmt: skip
"""Commands whose argument is no text of the table."""
MULTICOLUMN = re.compile(r"\\multicolumn\s*\{\s*(\d{1,3})\s*\}")
SET_CELL = re.compile(r"\\SetCell\s*\[\s*c\s*=\s*(\d{1,3})[^\]]*\]\s*\{[^{}]*\}")
MAX_SPAN = 200


def read_latex(text: str, source: str = "") -> list[Grid]:
    r"""Return the tables of a LaTeX source.

    Parameters
    ----------
    text : str
        A whole document, or a fragment with one ``tabular``; rows of ``&`` and ``\\`` alone are read too.
    source : str
        Name of the file.

    Returns
    -------
    list of Grid

    Raises
    ------
    DataError
        If an environment is not closed.
    """
    plain = COMMENT.sub("", text)
    found = list(_environments(plain))
    if not found and "&" in plain and "\\\\" in plain:
        found = [(0, 0, len(plain), plain)]
    grids = []
    for i, (start, body_start, end, body) in enumerate(found[:MAX_TABLES]):
        before = plain[found[i - 1][2] if i else 0 : start]
        after = plain[end : found[i + 1][0] if i + 1 < len(found) else len(plain)]
        title, notes = _around(before, after)
        options = plain[start:body_start]
        title = title or " ".join(map(plain_text, _options(options, "caption")))
        notes = "\n".join([notes, *map(plain_text, _options(options, r"(?:note|remark)\s*\{[^{}]*\}"))])
        grids.append(build_grid(_rows(body), title, notes, f"{source} {i + 1}" if len(found) > 1 else source))
    return grids


def _environments(text: str) -> Iterator[tuple[int, int, int, str]]:
    """Yield start, start of the body, end and body of outermost environments."""
    position = 0
    while match := BEGIN.search(text, position):
        name = match.group(1)
        level, at, last = 1, match.end(), match.end()
        marks = re.compile(rf"\\(begin|end)\{{{name}\*?\}}")
        while level:
            mark = marks.search(text, at)
            if mark is None:
                raise DataError(
                    "A table of the LaTeX source has no end.",
                    expected=f"\\end{{{name}}}",
                    found=f"\\begin{{{name}}} without it",
                    remedy="copy the whole table",
                )
            level += 1 if mark.group(1) == "begin" else -1
            at, last = mark.end(), mark.start()
        body_start = _after_arguments(text, match.end())
        yield match.start(), body_start, at, text[body_start:last]
        position = at


def _after_arguments(text: str, position: int) -> int:
    """Return where the arguments of an environment end."""
    while True:
        match = re.compile(r"\s*(?=[\[{])").match(text, position)
        if match is None:
            return position
        closing = _closing(text, match.end())
        if closing is None:
            return position
        position = closing


def _closing(text: str, position: int) -> int | None:
    """Return the position behind the group that opens at a position, or None."""
    pairs = {"{": "}", "[": "]"}
    opening = text[position]
    level = 0
    for i in range(position, len(text)):
        if text[i] == opening and (i == 0 or text[i - 1] != "\\"):
            level += 1
        elif text[i] == pairs[opening] and text[i - 1] != "\\":
            level -= 1
            if level == 0:
                return i + 1
    return None


def _around(before: str, after: str) -> tuple[str, str]:
    captions = [*_arguments(before[-3000:], "caption"), *_arguments(after[:1500], "caption")]
    title = plain_text(captions[-1] if captions else "")
    cut = re.split(r"\\begin\{table\*?\}|\\caption\{", after[:6000])[0]
    return title, plain_text(
        re.sub(r"\\(?:begin|end)\{[^{}]*\}(?:\[[^\]]*\])?|\\item(?:\[[^\]]*\])?", "\n", cut)
    )


def _arguments(text: str, command: str) -> list[str]:
    found = []
    for match in re.finditer(rf"\\{command}(?:\[[^\]]*\])?(?=\{{)", text):
        closing = _closing(text, match.end())
        if closing is not None:
            found.append(text[match.end() + 1 : closing - 1])
    return found


def _options(text: str, name: str) -> list[str]:
    """Return the values of an option of tabularray, such as ``caption={...}``."""
    found = []
    for match in re.finditer(rf"{name}\s*=\s*(?=\{{)", text):
        closing = _closing(text, match.end())
        if closing is not None:
            found.append(text[match.end() + 1 : closing - 1])
    return found


def _rows(body: str) -> Iterator[list[str]]:
    for raw in _split(RULES.sub(" ", body.replace("\\tabularnewline", "\\\\")), "\\\\"):
        row = re.sub(r"^\s*\*?\s*\[[\d.\s]*(?:ex|em|pt|cm|mm|in|\\\w+)\s*\]", "", raw)
        cells: list[str] = []
        for cell in _split(row, "&"):
            cells.extend(_cell(cell))
        if any(cells):
            yield cells


def _split(text: str, separator: str) -> Iterator[str]:
    """Split outside of braces."""
    level, start, i = 0, 0, 0
    while i < len(text):
        if text.startswith(separator, i) and level == 0:
            yield text[start:i]
            i += len(separator)
            start = i
            continue
        if text[i] == "\\" and i + 1 < len(text):
            i += 2
            continue
        level = max(0, level + (text[i] == "{") - (text[i] == "}"))
        i += 1
    yield text[start:]


def _cell(cell: str) -> list[str]:
    span = MULTICOLUMN.search(cell) or SET_CELL.search(cell)
    if span is None:
        return [plain_text(cell)]
    width = min(int(span.group(1)), MAX_SPAN)
    text = cell[span.end() :]
    if span.re is MULTICOLUMN:
        opened = text.find("{")
        closing = _closing(text, opened) if opened >= 0 else None
        text = text[closing or 0 :]
    return [plain_text(text), *[""] * (width - 1)] if width else [plain_text(text)]


def plain_text(text: str) -> str:
    """Return LaTeX as plain text: commands are replaced by their symbol or their argument.

    Parameters
    ----------
    text : str
        LaTeX source of a cell or note.

    Returns
    -------
    str
    """
    plain = re.sub(rf"\\(?:{'|'.join(DROPPED)})\*?(?:\[[^\]]*\])?(?:\{{[^{{}}]*\}})*", " ", text)
    plain = re.sub(r"\\(?:multirow|Multirow)\*?(?:\[[^\]]*\])?\{[^{}]*\}(?:\[[^\]]*\])?\{[^{}]*\}", "", plain)
    plain = re.sub(
        r"\\(?:fontsize\{[^{}]*\}\{[^{}]*\}|begingroup|endgroup|setlength\S*\{[^{}]*\}|renewcommand\S*\{[^{}]*\})",
        "",
        plain,
    )
    plain = (
        plain.replace("\\\\", " ")
        .replace("~", " ")
        .replace("\\,", "")
        .replace("\\;", " ")
        .replace("\\ ", " ")
    )
    plain = (
        re.sub(r"\\[()\[\]]", "", re.sub(r"\\([%&_#$])", r"\1", plain))
        .replace("\\{", "(")
        .replace("\\}", ")")
    )
    plain = re.sub(r"\\textsuperscript\s*\{(\W+?)\}", r"\1", plain).replace("$", "").replace("^", "")
    plain = re.sub(r"\\([A-Za-z]+)\*?(?:\[[^\]]*\])?\s?", lambda m: SYMBOLS.get(m.group(1), ""), plain)
    plain = plain.replace("\\", "").replace("---", "—").replace("--", "–")
    return re.sub(r"\s+", " ", re.sub(r"[{}]", "", plain)).strip() if "\n" not in text else _lines(plain)


def _lines(plain: str) -> str:
    kept = (re.sub(r"\s+", " ", re.sub(r"[{}]", "", line)).strip() for line in plain.splitlines())
    return "\n".join(line for line in kept if line)
