"""Reference texts made from their single source: the schema, the specification sheet and the lock.

``make docs`` writes them; tests compare the committed files with what these functions return.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shuyi.pipeline.config import Run


PYTHON_VERSION = "3.11"


def config_reference(schema: Mapping[str, Any]) -> str:
    """Return the reference of every configuration key as Markdown.

    Parameters
    ----------
    schema : mapping
        The JSON schema of the configuration.

    Returns
    -------
    str
        One section per top-level key.
    """
    lines = [
        "# Configuration reference",
        "",
        "Made from `workflow/schemas/config.schema.yaml` by `make docs`; edit the schema, not this file.",
        "",
        schema["description"],
        "A key that is not listed here, or a value outside its range, stops the run before any job starts:",
        "the message lists every problem with the corrected YAML to paste.",
        "",
        "| key | value | meaning |",
        "| --- | --- | --- |",
    ]
    lines += [f"| `{key}` | {_allowed(about, schema)} | {_meaning(about)} |" for key, about in _keys(schema)]
    lines += ["", "## Kinds of weights", "", "| kind | key | value | meaning |", "| --- | --- | --- | --- |"]
    for branch in schema["$defs"]["weights_entry"]["allOf"]:
        kind = branch["if"]["properties"]["kind"]["const"]
        for key, about in branch["then"]["properties"].items():
            if key != "kind":
                resolved = _resolve(about, schema)
                lines.append(f"| {kind} | `{key}` | {_allowed(resolved, schema)} | {_meaning(resolved)} |")
    return "\n".join(lines) + "\n"


def _keys(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, about in schema.get("properties", {}).items():
        yield prefix + key, about
        if about.get("properties"):
            yield from _keys(about, f"{prefix}{key}.")


def _resolve(about: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in about:
        return about
    return {**schema["$defs"][about["$ref"].rsplit("/", 1)[1]], **about}


def _allowed(about: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    about = _resolve(about, schema)
    if "enum" in about:
        return " \\| ".join(f"`{choice}`" for choice in about["enum"])
    kind = about.get("type", "")
    text = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if kind == "array" and "items" in about:
        text = f"list of {_allowed(about['items'], schema)}"
    return text + "".join(_bounds(about))


def _bounds(about: Mapping[str, Any]) -> Iterator[str]:
    words = {
        "minimum": "at least",
        "maximum": "at most",
        "exclusiveMinimum": "above",
        "exclusiveMaximum": "below",
    }
    for key, word in words.items():
        if key in about:
            yield f", {word} {about[key]}"


def _meaning(about: Mapping[str, Any]) -> str:
    return " ".join(about.get("description", "").split())


def locked_versions(lock: str) -> dict[str, str]:
    """Return the requirement of every package of a pip lock: name to ``==version`` with its marker.

    Parameters
    ----------
    lock : str
        Text of ``requirements.lock``.

    Returns
    -------
    dict of str to str
        In the order of the lock.
    """
    pattern = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+?)(?: ; (.*?))? \\$", re.MULTILINE)
    return {
        name: f"=={found_version}" + (f" ; {marker}" if marker else "")
        for name, found_version, marker in pattern.findall(lock)
    }


def environment(lock: str) -> str:
    """Return environment.yml: the versions of the lock for conda users.

    conda gives the interpreter; every library comes through pip in the version of the lock, because several
    (boundaries, fonts) are not on conda channels and the rest must not differ from it.

    Parameters
    ----------
    lock : str
        Text of ``requirements.lock``.

    Returns
    -------
    str
        YAML.
    """
    lines = [
        "# The versions of requirements.lock for conda users; made by `make docs`.",
        "# conda env create -f environment.yml && conda activate shuyi && pip install --no-deps -e .",
        "name: shuyi",
        "channels: [conda-forge]",
        "dependencies:",
        f"  - python={PYTHON_VERSION}",
        "  - pip",
        "  - pip:",
    ]
    lines += [f"      - {name}{found}" for name, found in sorted(locked_versions(lock).items())]
    return "\n".join(lines) + "\n"


def table_list(run: Run, titles: Mapping[str, str]) -> str:
    """Return the list of tables, figures and programs of the README as Markdown.

    Parameters
    ----------
    run : Run
        A checked run: its analyses with their tables and figures.
    titles : mapping of str to str
        Title of each by name (`shuyi.pipeline.run.titles_of`).

    Returns
    -------
    str
        A Markdown table: the targets by number and by name, what each shows, the folder of its program,
        and the columns of tables of estimates.
    """
    owners = {item.name: analysis.id for analysis in run.analyses for item in analysis.items(run)}
    lines = ["| target | by name | content | program | columns |", "| --- | --- | --- | --- | --- |"]
    for item in run.items:
        kind = "table" if item.kind == "table" else "figure"
        columns = ", ".join(row.column for row in run.sheet) if item.name == "estimates" else ""
        lines.append(
            f"| `{kind}{run.numbers[item.name]}` | `{item.name}` | {titles[item.name]} "
            f"| `src/shuyi/analyses/{owners[item.name]}/` | {columns} |"
        )
    return "\n".join(lines) + "\n"


def quoted(texts: Iterable[str], width: int = 116) -> str:
    """Return texts as quotations in Markdown, one paragraph each.

    Parameters
    ----------
    texts : iterable of str
        The paragraphs.
    width : int, default 116
        Letters at which lines break.

    Returns
    -------
    str
        Lines that open with ``>``.
    """
    from textwrap import wrap

    paragraphs = ["\n".join(f"> {line}" for line in wrap(text, width)) for text in texts]
    return "\n>\n".join(paragraphs) + "\n"


def replace_block(text: str, name: str, content: str) -> str:
    r"""Return a text with the content between ``<!-- name -->`` and ``<!-- /name -->`` replaced.

    Parameters
    ----------
    text : str
        A page with marked blocks.
    name : str
        Name of the block.
    content : str
        What will stand in the block, with a line end.

    Returns
    -------
    str
        The page; everything outside the block stays.

    Raises
    ------
    ValueError
        If the page lacks the block.

    Examples
    --------
    >>> from shuyi.pipeline.reference import replace_block
    >>> print(replace_block("<!-- a -->\nold\n<!-- /a -->", "a", "new\n"))
    <!-- a -->
    new
    <!-- /a -->
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, rest = text.split(start, 1)
    _, after = rest.split(end, 1)
    return f"{before}{start}\n{content}{end}{after}"
