"""The jobs of an analysis: its inputs are read, its functions called, its results written.

The modules of an analysis have fixed names, so that a job needs no more than the analysis's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from shuyi import files
from shuyi.analyses.base import Page
from shuyi.pipeline import records

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.data.derivations import Derivations
    from shuyi.panel import Panel
    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights

TEXT = ("unit",)
"""Columns that stay text in every frame: ids keep their form."""


@dataclass(frozen=True)
class InputFiles:
    """The input files of a job by name (`shuyi.analyses.base.Sources`).

    Parameters
    ----------
    files : mapping of str to str or sequence of str
        Paths by name, as Snakemake gives them.
    """

    files: Mapping[str, Any]

    def paths(self, name: str) -> tuple[str, ...]:
        """Return the paths under a name.

        Parameters
        ----------
        name : str
            Name of the input.

        Returns
        -------
        tuple of str
            One path or several.
        """
        found = self.files[name]
        return (found,) if isinstance(found, str) else tuple(found)

    def _path(self, name: str) -> str:
        (path,) = self.paths(name)
        return path

    def panel(self, name: str) -> Panel:
        """Return a panel.

        Parameters
        ----------
        name : str
            Name of the input.

        Returns
        -------
        Panel
            As the file holds it.
        """
        return records.read_panel(self._path(name))

    def weights(self, name: str) -> Weights:
        """Return one weights matrix.

        Parameters
        ----------
        name : str
            Name of the input.

        Returns
        -------
        Weights
            As the file holds them.
        """
        return records.read_weights(self._path(name))

    def all_weights(self, name: str, keys: Sequence[str]) -> dict[str, Weights]:
        """Return several weights matrices by the given keys.

        Parameters
        ----------
        name : str
            Name of the input, which stands for several files.
        keys : sequence of str
            What the files are called, in their order.

        Returns
        -------
        dict of str to Weights
            By key.
        """
        return dict(zip(keys, map(records.read_weights, self.paths(name)), strict=True))

    def fit(self, name: str) -> Any:
        """Return estimates.

        Parameters
        ----------
        name : str
            Name of the input.

        Returns
        -------
        Fit or FixedEffectsFit
            Without weights.
        """
        return records.read_fit(self._path(name))

    def fits(self, name: str, keys: Sequence[str]) -> dict[str, Any]:
        """Return several estimates by the given keys.

        Parameters
        ----------
        name : str
            Name of the input, which stands for several files.
        keys : sequence of str
            What the files are called, in their order.

        Returns
        -------
        dict of str to Fit or FixedEffectsFit
            By key.
        """
        return dict(zip(keys, map(records.read_fit, self.paths(name)), strict=True))

    def frame(self, name: str, text: Sequence[str] = ()) -> pd.DataFrame:
        """Return a CSV file of the pipeline; the named columns, and units, stay text.

        Parameters
        ----------
        name : str
            Name of the input.
        text : sequence of str, default empty
            Further columns that stay text.

        Returns
        -------
        DataFrame
            As the file holds it.
        """
        return records.read_frame(self._path(name), text=(*TEXT, *text))

    def frames(self, names: Iterable[str], text: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
        """Return several CSV files; the named columns, and units, stay text where a file has them.

        Parameters
        ----------
        names : iterable of str
            Names of inputs.
        text : sequence of str, default empty
            Further columns that stay text where a file has them.

        Returns
        -------
        dict of str to DataFrame
            By name.
        """
        return {name: self.frame(name, text) for name in names}

    def listed(self, name: str, keys: Sequence[str]) -> dict[str, pd.DataFrame]:
        """Return the CSV files under one name by the given keys.

        Parameters
        ----------
        name : str
            Name of the input, which stands for several files.
        keys : sequence of str
            What the files are called, in their order.

        Returns
        -------
        dict of str to DataFrame
            By key.
        """
        return {key: records.read_frame(path) for key, path in zip(keys, self.paths(name), strict=True)}

    def text_frame(self, name: str) -> pd.DataFrame:
        """Return a CSV file whose cells all stay text.

        Parameters
        ----------
        name : str
            Name of the input.

        Returns
        -------
        DataFrame
            Empty cells are empty text.
        """
        return files.read_csv_text(self._path(name))

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a CSV file as text.

        Parameters
        ----------
        name : str
            Name of the input.

        Returns
        -------
        list of dict of str to str
            One dictionary per row.
        """
        return files.read_rows(self._path(name))

    def data(self, name: str) -> Any:
        """Return the content of a YAML or JSON file.

        Parameters
        ----------
        name : str
            Name of the input.

        Returns
        -------
        object
            Dictionaries, lists, text, numbers, booleans and None.
        """
        return files.read_data(self._path(name))

    def all_data(self, name: str) -> dict[str, Any]:
        """Return the contents of several YAML or JSON files by path.

        Parameters
        ----------
        name : str
            Name of the input, which stands for several files.

        Returns
        -------
        dict of str to object
            Content by path.
        """
        return {path: files.read_data(path) for path in self.paths(name)}

    def derivations(self) -> Derivations:
        """Return from which official series the variables of the panel follow.

        Returns
        -------
        Derivations
            Recipe by variable.
        """
        from shuyi.china.clean import DERIVATIONS

        return DERIVATIONS


def analyse(
    analysis: str, inputs: Mapping[str, Any], outputs: Mapping[str, str], settings: Mapping[str, Any]
) -> None:
    """Compute the frames of an analysis and write them.

    Parameters
    ----------
    analysis : str
        Id of the analysis.
    inputs, outputs : mapping
        Paths by name.
    settings : mapping
        As the declaration gives them.
    """
    from shuyi.china.places import PLACES

    compute = import_module(f"shuyi.analyses.{analysis}.frames").compute
    records.write_frames(outputs, compute(InputFiles(inputs), settings, PLACES))


def publish(
    analysis: str, inputs: Mapping[str, Any], outputs: Sequence[str], settings: Mapping[str, Any],
    shared: Mapping[str, Any],
) -> None:  # fmt: skip
    """Print the tables and draw the figures of an analysis in every format.

    Parameters
    ----------
    analysis : str
        Id of the analysis.
    inputs : mapping
        Paths by name; ``words`` are the files of labels.
    outputs : sequence of str
        The files to write.
    settings : mapping
        As the declaration gives them.
    shared : mapping
        ``language``, ``tables`` (options), ``maps`` (approval number and resolution) and ``numbers`` (of
        tables
        and figures by name).
    """
    page = page_of(InputFiles(inputs), settings, shared)
    pages = {kind: [path for path in outputs if path.endswith(kind)] for kind in (".html", ".png")}
    if pages[".html"]:
        printed = import_module(f"shuyi.analyses.{analysis}.tables").print_tables(page)
        records.write_tables(pages[".html"], printed)
    if pages[".png"]:
        drawn = import_module(f"shuyi.analyses.{analysis}.figures").draw_figures(page)
        records.write_figures(pages[".png"], drawn, dpi=shared["maps"]["dpi"])


def page_of(sources: InputFiles, settings: Mapping[str, Any], shared: Mapping[str, Any]) -> Page:
    """Return what printing and drawing work with (see `publish`).

    Parameters
    ----------
    sources : InputFiles
        Files of the job, by name.
    settings : mapping
        As the declaration of the analysis gives them.
    shared : mapping
        What all analyses share: language, numbers, options of tables, maps.

    Returns
    -------
    Page
        With words, options and, where the paper has maps, outlines.
    """
    from shuyi.china.places import PLACES
    from shuyi.publish.numbers import TableOptions

    words = records.read_labels(sources.paths("words"), shared["language"], shared["numbers"])
    labels = words.with_units(PLACES.names(shared["language"]))
    options = TableOptions.from_config(shared["tables"])
    return Page(sources, settings, labels, options, PLACES, _basemap(shared["maps"], labels))


def pages_of(
    inputs: Mapping[str, Any],
    settings: Mapping[str, Any],
    shared: Mapping[str, Any],
    languages: Sequence[str],
) -> list[Page]:
    """Return what printing and drawing work with in several languages, that of the run first.

    Parameters
    ----------
    inputs : mapping
        Paths by name; ``words`` are the files of labels.
    settings, shared : mapping
        As `page_of` takes them.
    languages : sequence of str
        All languages.

    Returns
    -------
    list of Page
        One per language.
    """
    sources = InputFiles(inputs)
    ordered = sorted(languages, key=lambda name: name != shared["language"])
    return [page_of(sources, settings, {**shared, "language": name}) for name in ordered]


def _basemap(maps: Mapping[str, Any], labels: Labels) -> Basemap:
    from shuyi.china.basemap import provinces_basemap

    return provinces_basemap(maps["approval_number"], labels.text("map.source"))
