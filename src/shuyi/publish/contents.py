"""The first page of a run: what there is, in groups, with one sentence each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from shuyi.files import resource
from shuyi.publish.pages import HTML_LANGUAGE

if TYPE_CHECKING:
    from shuyi.publish.labels import Language


@dataclass(frozen=True)
class Entry:
    """A page, table, figure or check.

    Parameters
    ----------
    number : str
        Such as "Table 8"; empty where it has none.
    title : str
        Title.
    about : str
        One sentence.
    link : str
        File to open, from the folder of the page.
    others : tuple of (str, str)
        Further files with their kinds.
    said : str, default ""
        What stands behind the sentence.
    """

    number: str
    title: str
    about: str
    link: str
    others: tuple[tuple[str, str], ...]
    said: str = ""


@dataclass(frozen=True)
class Group:
    """Entries under a heading.

    Parameters
    ----------
    heading : str
        Heading.
    entries : tuple of Entry
        In order.
    """

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Contents:
    """All that a run has to show.

    Parameters
    ----------
    language : {"en", "zh"}
        Language of the texts.
    title, heading : str
        Title of the page, and heading of the answer.
    answer : str
        The answer of the paper; empty where there is none.
    groups : tuple of Group
        In order.
    """

    language: Language
    title: str
    heading: str
    answer: str
    groups: tuple[Group, ...]


def render_contents(contents: Contents) -> bytes:
    """Return the page as HTML that loads nothing and runs nothing.

    Parameters
    ----------
    contents : Contents
        What the run has to show.

    Returns
    -------
    bytes
        UTF-8.
    """
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(resource("contents.page.html").decode("utf-8"))
    return template.render(page=asdict(contents), code=HTML_LANGUAGE[contents.language]).encode("utf-8")
