"""What a run has to show: every page, table, figure and check with one sentence, the answer first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from shuyi.analyses.registry import FIRST
from shuyi.publish.contents import Contents, Entry, Group
from shuyi.publish.numbers import count

if TYPE_CHECKING:
    from shuyi.pipeline.config import Run
    from shuyi.publish.labels import Labels

INDEX = "results/index.html"
FOLDER = PurePosixPath(INDEX).parent
EXPLORER = "results/explorer/index.html"
MANIFEST = "results/manifest.json"
MANIFEST_CHECK = "results/checks/manifest.json"


def contents_settings(run: Run, titles: Mapping[str, str], files: Sequence[str]) -> dict[str, Any]:
    """Return what a run shows as plain values.

    Parameters
    ----------
    run : Run
        With its analyses.
    titles : mapping of str to str
        Title of each table and figure by name.
    files : sequence of str
        Every file of the run.

    Returns
    -------
    dict
        ``items`` with title, number, kind, analysis and files; ``pages``, other files to read first.
    """
    analysis_of = {item.name: analysis.id for analysis in run.analyses for item in analysis.items(run)}
    return {
        "items": [
            {
                "name": item.name,
                "kind": "table" if item.kind == "table" else "figure",
                "title": titles[item.name],
                "about": f"about.{item.part_of or item.name}",
                "main": (item.part_of or item.name) in FIRST,
                "analysis": analysis_of[item.name],
                "files": list(item.files),
            }
            for item in run.items
        ],
        "pages": [path for path in files if _is_page(path)],
    }


def _is_page(path: str) -> bool:
    folders = ("results/paper/", "results/report/", "results/explorer/")
    return path.startswith(folders) and path.endswith((".html", ".pdf", ".docx"))


def contents(
    settings: Mapping[str, Any], answer: str, checks: Mapping[str, Mapping[str, Any]], labels: Labels
) -> Contents:
    """Return the contents of a run in the language of its labels.

    Parameters
    ----------
    settings : mapping
        As `contents_settings`.
    answer : str
        The answer of the paper; empty where the run has none.
    checks : mapping of str to mapping
        Content of each check's file by its path.
    labels : Labels
        Words in the language of the run.

    Returns
    -------
    Contents
        Groups of entries, ready to render.
    """
    main = [item for item in settings["items"] if item["main"]]
    groups = [
        Group(labels.text("contents.pages"), tuple(_page(path, labels) for path in settings["pages"])),
        Group(labels.text("contents.main"), tuple(_entry(item, labels) for item in main)),
        *_further([item for item in settings["items"] if not item["main"]], labels),
        Group(labels.text("contents.checks"), _checks(checks, labels)),
        Group(labels.text("contents.files"), _files(labels)),
    ]
    title, heading = labels.text("contents.title"), labels.text("contents.answer")
    return Contents(
        labels.language, title, heading, answer, tuple(group for group in groups if group.entries)
    )


def _further(items: Sequence[Mapping[str, Any]], labels: Labels) -> list[Group]:
    found = []
    for analysis in dict.fromkeys(item["analysis"] for item in items):
        entries = [_entry(item, labels) for item in items if item["analysis"] == analysis]
        first = next(item["title"] for item in items if item["analysis"] == analysis)
        title = labels.texts.get(f"paper.section.{analysis}", first)
        found.append(Group(title, tuple(entries)))
    return found


def _entry(item: Mapping[str, Any], labels: Labels) -> Entry:
    number = labels.text(f"paper.{item['kind']}", number=labels.number(item["name"]))
    first, *others = (_link(path) for path in item["files"])
    named = tuple((_ending(path), path) for path in others)
    return Entry(number, item["title"], labels.texts.get(item["about"], ""), first, named)


def _page(path: str, labels: Labels) -> Entry:
    name = PurePosixPath(path)
    if path == EXPLORER:
        return Entry("", "explorer", labels.text("contents.explorer"), _link(path), ())
    keys = {"paper": f"contents.paper.{name.suffix[1:]}", "monitor": "contents.monitor"}
    year = name.stem.rpartition("_")[2]
    about = labels.text(keys.get(name.stem, "contents.report"), year=year)
    return Entry("", name.name, about, _link(path), ())


def _checks(checks: Mapping[str, Mapping[str, Any]], labels: Labels) -> tuple[Entry, ...]:
    found = []
    for path, content in checks.items():
        name = PurePosixPath(path).stem
        compared = content.get("comparisons")
        said = labels.text("contents.all", count=count(compared)) if compared else ""
        found.append(Entry("", name, labels.text(f"contents.check.{name}"), _link(path), (), said))
    about = labels.text("contents.check.manifest")
    return (*found, Entry("", "manifest", about, _link(MANIFEST_CHECK), ()))


def _files(labels: Labels) -> tuple[Entry, ...]:
    return (Entry("", "manifest.json", labels.text("contents.manifest"), _link(MANIFEST), ()),)


def _link(path: str) -> str:
    return PurePosixPath(path).relative_to(FOLDER).as_posix()


def _ending(path: str) -> str:
    return path.partition(".")[2].rpartition("/")[2]
