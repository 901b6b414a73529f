"""What a paper is about: the shipped provinces, or units of one's own. The one place that knows a country.

The section ``subject`` of the configuration says which: ``units: provinces``, or a table of units.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shuyi.errors import ConfigError, did_you_mean, offenders

if TYPE_CHECKING:
    from shuyi.analyses.base import Places
    from shuyi.data.derivations import Derivations
    from shuyi.panel import Panel
    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels
    from shuyi.units import Units
    from shuyi.weights import Sources

PROVINCES = "provinces"
"""The shipped paper: China's provinces with their official figures, borders and boundaries."""
BOUNDARIES = "results/data/boundaries.parquet"
OWN_TEXT = ".own"
"""Ending of the keys of texts that take the place of the provinces' in a paper of one's own."""
UNIT_OPTIONS = ("path", "columns", "groups", "id_width", "endings", "second_language", "sheets", "encoding")


def is_own(paper: Mapping[str, Any]) -> bool:
    """Return whether a paper has units of its own rather than the shipped provinces.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of the configuration.

    Returns
    -------
    bool
        True where ``units`` is a table.
    """
    return isinstance(paper["units"], Mapping)


def units_of(paper: Mapping[str, Any]) -> Units:
    """Return the table of units of a paper of one's own.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of the configuration.

    Returns
    -------
    Units
        In the order of the table.

    Raises
    ------
    ConfigError, DataError
        If an option is unknown or the table has problems.
    """
    return _read_units(json.dumps(paper["units"], sort_keys=True))


@cache
def _read_units(described: str) -> Units:
    from shuyi.readers import Source, read_rows
    from shuyi.units import Units

    entry = json.loads(described)
    unknown = [key for key in entry if key not in UNIT_OPTIONS]
    if unknown or "path" not in entry:
        raise ConfigError(
            "The table of units is not described in a way that can be read.",
            expected=f"path and optionally {', '.join(UNIT_OPTIONS[1:])}",
            found=f"unknown: {offenders(unknown)}" if unknown else "no path",
            remedy=did_you_mean(unknown[0], UNIT_OPTIONS) if unknown else "name the file",
        )
    source = Source(entry["path"], sheets=tuple(entry.get("sheets", ())), encoding=entry.get("encoding", ""))
    return Units.from_rows(
        read_rows(source),
        columns=entry.get("columns"),
        groups=entry.get("groups", ()),
        width=entry.get("id_width", 0),
        endings=entry.get("endings", ()),
    )


def places_of(paper: Mapping[str, Any]) -> Places:
    """Return the units of a paper with names, groupings and points.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of the configuration.

    Returns
    -------
    Places
        Within a job of a paper with boundaries, units without coordinates stand inside their outlines.
    """
    if not is_own(paper):
        from shuyi.china.places import PLACES

        return PLACES
    from shuyi.own.places import OwnPlaces

    boundaries = None
    if paper.get("boundaries") and Path(BOUNDARIES).is_file():
        from shuyi.pipeline.records import read_boundaries

        boundaries = read_boundaries(BOUNDARIES)
    second = paper["units"].get("second_language", "zh")
    return OwnPlaces(units_of(paper), second, boundaries, paper.get("projection") or "")


def has_map(paper: Mapping[str, Any]) -> bool:
    """Return whether the units of a paper have places on a map.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of the configuration.

    Returns
    -------
    bool
        True for the provinces, with boundaries, or where every unit has longitude and latitude.
    """
    if not is_own(paper) or paper.get("boundaries"):
        return True
    units = units_of(paper)
    return len(units.coordinates) == len(units)


def basemap_of(
    paper: Mapping[str, Any], places: Places, approval: str | None, labels: Labels
) -> Basemap | None:
    """Return what the maps of a paper are drawn on.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of the configuration.
    places : Places
        Of `places_of`.
    approval : str or None
        Map approval number with its heading, printed as given.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    Basemap or None
        None where units have no place on a map.
    """
    if not is_own(paper):
        from shuyi.china.basemap import provinces_basemap

        return provinces_basemap(approval or "", labels.text("map.source"))
    from shuyi.own.basemap import basemap_of as own_basemap
    from shuyi.own.places import OwnPlaces

    assert isinstance(places, OwnPlaces)
    source = (paper.get("boundaries") or {}).get("credit") or ""
    lines = [labels.text("map.boundaries", source=source)] if source else []
    return own_basemap(places, [*lines, *([approval] if approval else [])])


def derivations_of(paper: Mapping[str, Any]) -> Derivations:
    """Return from which series the variables of a paper follow.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of the configuration.

    Returns
    -------
    Derivations
        Recipe by variable.
    """
    if not is_own(paper):
        from shuyi.china.clean import DERIVATIONS

        return DERIVATIONS
    from shuyi.data.derivations import Derivations, Derived
    from shuyi.own.panel import derivations_from, source_variables

    def recipe(name: str, names: Sequence[str], text: str, measure: str) -> Derived:
        return Derived(name, measure.replace("{", "{{").replace("}", "}}"), text, tuple(names), _unused)

    found = derivations_from(paper.get("derived") or {}, source_variables(paper))
    return Derivations(
        tuple(recipe(n, d.expression.names, d.expression.text, d.measure) for n, d in found.items())
    )


def _unused(*arrays: Any) -> Any:
    raise ConfigError("A derived variable of a paper is evaluated by its expression.")


def weights_sources(
    paper: Mapping[str, Any],
    borders: Sequence[str],
    panel: Panel | None,
    tables: Sequence[str] = (),
) -> Sources:
    """Return what the weights of a paper are built from.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of the configuration.
    borders : sequence of str
        Path of the table of borders, or nothing.
    panel : Panel or None
        Levels for economic weights.
    tables : sequence of str, default empty
        Users' weights tables, for the provinces.

    Returns
    -------
    Sources
        By label.
    """
    from shuyi import files

    if not is_own(paper):
        from shuyi.china.sources import province_sources

        return province_sources(files.read_rows(borders[0]), panel, files.read_texts(tables))
    from shuyi.weights import Sources

    places, units = places_of(paper), units_of(paper)
    outlines = getattr(places, "boundaries", None)
    return Sources(
        units.ids,
        borders=read_pairs(borders[0], units) if borders else (),
        coordinates=places.coordinates,
        panel=panel,
        groups={scheme: units.group(scheme) for scheme in units.groupings},
        units=units,
        touching=outlines.borders if outlines is not None else None,
    )


def border_pairs(paper: Mapping[str, Any], borders: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of units that share a border by a paper's table.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of the configuration.
    borders : sequence of str
        Path of the table, or nothing.

    Returns
    -------
    list of (str, str)
        Ids; empty without a table.
    """
    from shuyi.pipeline.records import read_borders

    if not borders:
        return []
    return read_pairs(borders[0], units_of(paper)) if is_own(paper) else read_borders(borders[0])


def read_pairs(path: str, units: Units) -> list[tuple[str, str]]:
    """Return the pairs of units that a table of borders names in its first two columns.

    Parameters
    ----------
    path : str
        CSV file with a header.
    units : Units
        Table of units that the names are resolved by.

    Returns
    -------
    list of (str, str)
        Ids.

    Raises
    ------
    AlignmentError
        With every name that stands for no unit.
    """
    from shuyi import files

    pairs = [tuple(row.values())[:2] for row in files.read_rows(path)]
    match = units.match(name for pair in pairs for name in pair)
    match.raise_unless_complete(f"The table of borders {path}")
    return [(match.ids[a.strip()], match.ids[b.strip()]) for a, b in pairs]


def read_words(
    paths: Sequence[str], language: str, paper: Mapping[str, Any], numbers: Mapping[str, str] | None = None
) -> Labels:
    """Return the texts of a language, in which a paper of one's own calls its units by their own word.

    Parameters
    ----------
    paths : sequence of str
        Files of labels; of a key that several hold, a later file of the paper's own folder counts.
    language : {"en", "zh"}
        Language wanted.
    paper : mapping
        The section ``subject`` of the configuration.
    numbers : mapping of str to str, optional
        Number of each table and figure by name.

    Returns
    -------
    Labels
        Texts of all files.
    """
    from shuyi.pipeline.records import read_labels

    if not is_own(paper):
        return read_labels(paths, language, numbers)  # type: ignore[arg-type]
    own = [path for path in paths if not path.startswith("..")]
    shared = read_labels([p for p in paths if p not in own], language, numbers)  # type: ignore[arg-type]
    words = (paper.get("words") or {}).get(language) or {}
    called = shared.with_noun(words.get("one", ""), words.get("many", ""))
    varied = {
        key.removesuffix(OWN_TEXT): text for key, text in called.texts.items() if key.endswith(OWN_TEXT)
    }
    source = (paper.get("credit") or {}).get(language) or _file_names(paper)
    varied["note.source"] = called.text("note.source.own", source=source)
    return called.updated({**varied, **read_labels(own, language).texts})  # type: ignore[arg-type]


def _file_names(paper: Mapping[str, Any]) -> str:
    return ", ".join(dict.fromkeys(Path(entry["path"]).name for entry in paper["sources"]))


def resolve_of(paper: Mapping[str, Any]) -> Callable[[str], str]:
    """Return what turns a name in a user's file into the id of a unit.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of the configuration.

    Returns
    -------
    callable
        Raises an error of the package for a name that stands for no unit.
    """
    if not is_own(paper):
        from shuyi.china.provinces import resolve_code

        return resolve_code
    units = units_of(paper)
    return lambda name: units.resolve(name).id
