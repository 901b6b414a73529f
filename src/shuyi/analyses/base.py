"""What an analysis declares: what it reads, computes and prints, and what its settings must hold.

An analysis is a folder of `shuyi.analyses` with the modules ``settings`` (its `Analysis`, under the name
``ANALYSIS``), ``frames`` (a function ``compute``), ``tables`` (``print_tables``) and ``figures``
(``draw_figures``); one without frames, tables or figures of its own has no such module. Rules, captions,
numbers, targets, the list of programs and the checks of the configuration all follow from the declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, Protocol

from shuyi.files import shipped

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.data.derivations import Derivations
    from shuyi.data.series import Caveat
    from shuyi.indices import Scheme
    from shuyi.panel import Panel
    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels
    from shuyi.publish.numbers import TableOptions
    from shuyi.publish.projection import Projection
    from shuyi.regions import Grouping
    from shuyi.schema import Problem
    from shuyi.spatialpanel import Specification
    from shuyi.weights import Weights


Files = str | Sequence[str]
Drawn = Any
"""A figure, or a function without arguments that draws it: without a map there is none."""
Kind = Literal["table", "figure", "map"]
FOLDERS = {"table": "tables", "figure": "figures", "map": "figures"}
PAGES = {"table": ".html", "figure": ".png", "map": ".png"}
"""The file of an item that its target asks for and that the workflow's report shows."""
BESIDE = {
    "table": (".csv", ".rounded.csv", ".tex", ".typ", ".docx"),
    "figure": (".pdf", ".svg"),
    "map": (".pdf", ".svg"),
}
"""The other files of an item."""

PANEL = "results/data/panel.parquet"
CLEAN = "results/data/clean.parquet"
LONG = "results/data/long.parquet"
"""Series and derived variables that reach back farthest, over a longer span of years than the panel."""
INDEX = "results/data/index.parquet"
CAVEATS = "data/snapshot/caveats.csv"
SCHEME_SCHEMA = "workflow/schemas/index_scheme.schema.yaml"


class Paper(Protocol):
    """What a declaration may read of a run; the pipeline's checked run provides it."""

    @property
    def config(self) -> Mapping[str, Any]:
        """The configuration."""

    @property
    def sheet(self) -> Sequence[Specification]:
        """The specifications of the paper."""

    @property
    def years(self) -> tuple[int, ...]:
        """Years of the estimation panel."""

    @property
    def headline(self) -> Specification:
        """The specification that the paper's answer rests on."""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes of all specifications."""

    @property
    def controls(self) -> tuple[str, ...]:
        """Regressors of all specifications beside the index."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Panel variables that any specification names."""

    @property
    def has_index(self) -> bool:
        """Whether the paper computes a composite index."""

    @property
    def caveats(self) -> str:
        """File of what is known about single figures; empty where the paper has none."""

    @property
    def region_schemes(self) -> tuple[str, ...]:
        """Names of the groupings of the paper's units, the configured one first."""

    @property
    def index_schemes(self) -> tuple[str, ...]:
        """Names of the index schemes that the project holds."""

    @property
    def tables_of_estimates(self) -> tuple[str, ...]:
        """Tables that the sheet asks for, that of the headline first."""

    def table(self, table: str) -> tuple[str, ...]:
        """Return the ids of the specifications of a table.

        Parameters
        ----------
        table : str
            Number of a table, as the sheet writes it.

        Returns
        -------
        tuple of str
            In the order of their columns.
        """

    def table_weights(self, table: str) -> tuple[str, ...]:
        """Return the names of the weights that a table's specifications use.

        Parameters
        ----------
        table : str
            Number of a table, as the sheet writes it.

        Returns
        -------
        tuple of str
            Each name once.
        """

    def effects_of(self, table: str) -> tuple[str, ...]:
        """Return the specifications of a table that have effects, the headline first.

        Parameters
        ----------
        table : str
            Number of a table, as the sheet writes it.

        Returns
        -------
        tuple of str
            Ids of specifications.
        """

    def row(self, spec: str) -> Specification:
        """Return the specification of an id.

        Parameters
        ----------
        spec : str
            Id of a specification.

        Returns
        -------
        Specification
            Its row of the sheet.
        """

    def excluded(self, spec: str) -> tuple[str, ...]:
        """Return the units that a specification's sample leaves out.

        Parameters
        ----------
        spec : str
            Id of a specification.

        Returns
        -------
        tuple of str
            Labels; empty for the whole sample.
        """


class Places(Protocol):
    """The units of the paper: their names, places on the map and groupings."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Ids of the units in their order."""

    @property
    def schemes(self) -> tuple[str, ...]:
        """Names of the groupings."""

    @property
    def coordinates(self) -> Mapping[str, tuple[float, float]]:
        """Latitude and longitude of each unit in degrees."""

    @property
    def clusters(self) -> Mapping[str, tuple[str, ...]]:
        """Members of each cluster of units; clusters may overlap."""

    @property
    def projection(self) -> Projection:
        """Projection of the maps."""

    @property
    def rectangle(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Longitudes and latitudes, in whole degrees, that hold the outline of all units."""

    def names(self, language: str) -> Mapping[str, str]:
        """Return the display name of each unit.

        Parameters
        ----------
        language : str
            Language of the names, ``"en"`` or ``"zh"``.

        Returns
        -------
        mapping of str to str
            Name by label.
        """

    def grouping(self, scheme: str, units: Sequence[str]) -> Grouping:
        """Return a grouping of some units.

        Parameters
        ----------
        scheme : str
            Name of the region scheme.
        units : sequence of str
            Labels, in the order wanted.

        Returns
        -------
        Grouping
            One region per unit.
        """


class Sources(Protocol):
    """The input files of a job by name, read as what they hold."""

    def has(self, name: str) -> bool:
        """Return whether the job reads a file under a name.

        Parameters
        ----------
        name : str
            Name of the input.

        Returns
        -------
        bool
            False for inputs that the paper lacks.
        """

    def caveats(self, units: Sequence[str]) -> tuple[Caveat, ...]:
        """Return what is known about single figures, from the input ``caveats``.

        Parameters
        ----------
        units : sequence of str
            Ids of the paper's units.

        Returns
        -------
        tuple of Caveat
            Empty where the paper has no such file.
        """

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

    def frame(self, name: str, text: Sequence[str] = ()) -> pd.DataFrame:
        """Return a CSV file of the pipeline; the named columns stay text.

        Parameters
        ----------
        name : str
            Name of the input.
        text : sequence of str, default empty
            Columns that stay text.

        Returns
        -------
        DataFrame
            As the file holds it.
        """

    def frames(self, names: Iterable[str], text: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
        """Return several CSV files; the named columns stay text where a file has them.

        Parameters
        ----------
        names : iterable of str
            Names of inputs.
        text : sequence of str, default empty
            Columns that stay text where a file has them.

        Returns
        -------
        dict of str to DataFrame
            By name.
        """

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

    def derivations(self) -> Derivations:
        """Return from which official series the variables of the panel follow.

        Returns
        -------
        Derivations
            Recipe by variable.
        """


@dataclass(frozen=True)
class Page:
    """What printing and drawing work with.

    Parameters
    ----------
    sources : Sources
        The frames of the analysis and what else it reads.
    settings : mapping
        As the declaration gives them.
    labels : Labels
        Words in the language of the run, with the names that come with the data.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    places : Places
        Names and groupings of the units.
    basemap : Basemap or None
        Outlines for maps with what must stand under them; None where the paper has none.
    """

    sources: Sources
    settings: Mapping[str, Any]
    labels: Labels
    options: TableOptions
    places: Places
    basemap: Basemap | None

    @property
    def names(self) -> Mapping[str, str]:
        """Display names of the units in the language of the page."""
        return self.places.names(self.labels.language)

    @property
    def map(self) -> Basemap:
        """The basemap of a paper that has one.

        Raises
        ------
        ConfigError
            If the paper has no boundaries.
        """
        if self.basemap is None:
            from shuyi.errors import ConfigError

            raise ConfigError("A map was asked for, but the paper has no boundaries.")
        return self.basemap


class MissingSectionError(KeyError):
    """A declaration asks for a section that the paper's configuration does not have."""


class Sections(dict[str, Any]):
    """A configuration whose sections of analyses may be missing: an analysis that asks for one is off.

    Examples
    --------
    >>> Sections({"seed": 1})["seed"]
    1
    """

    def __missing__(self, key: str) -> Any:
        raise MissingSectionError(key)


@dataclass(frozen=True)
class Project:
    """Files of a project beside its configuration, as checks of the settings read them.

    Parameters
    ----------
    read : callable
        Returns the content of a YAML or JSON file that holds keys with values.
    holds : callable
        Returns whether the project has a file.
    schemes : mapping of str to Scheme
        Every index scheme by its id.
    derivations : Derivations
        From which series the variables of the panel follow.
    coverage : mapping of str to (int, int)
        First and last year of every variable that the figures give.
    """

    read: Callable[[str], Mapping[str, Any]]
    holds: Callable[[str], bool]
    schemes: Mapping[str, Scheme]
    derivations: Derivations
    coverage: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Draft:
    """A configuration that passed its schema, with what its names may refer to.

    Parameters
    ----------
    config : mapping
        The configuration as read.
    rows : sequence of mapping
        The specification sheet as text.
    variables : sequence of str
        Known panel variables.
    sets, dimensions : sequence of str or None
        Ids of the sets of systems and dimensions of the configured index scheme; None where they are unknown.
    project : Project, optional
        The files that the analyses read; without it they are not checked.
    file : str, default "config/config.yaml"
        Name for messages.
    """

    config: Mapping[str, Any]
    rows: Sequence[Mapping[str, str]]
    variables: Sequence[str]
    sets: Sequence[str] | None = None
    dimensions: Sequence[str] | None = None
    project: Project | None = None
    file: str = "config/config.yaml"

    @property
    def span(self) -> tuple[int, int]:
        """First and last year of the panel."""
        return self.config["panel"]["first_year"], self.config["panel"]["last_year"]


@dataclass(frozen=True)
class Item:
    """A table, figure or map of the paper.

    Parameters
    ----------
    name : str
        Stem of its files and its target.
    kind : {"table", "figure", "map"}
        What it is.
    part_of : str, default ""
        The item whose number it shares, with a letter, and whose title it carries; empty for an item of its
        own.
    part : str, default ""
        Key of the label, or name of the variable, that says what this part covers.
    """

    name: str
    kind: Kind
    part_of: str = ""
    part: str = ""

    @property
    def page(self) -> str:
        """The file that its target asks for."""
        return f"results/{FOLDERS[self.kind]}/{self.name}{PAGES[self.kind]}"

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the item."""
        stem = f"results/{FOLDERS[self.kind]}/{self.name}"
        return (self.page, *(stem + suffix for suffix in BESIDE[self.kind]))

    @property
    def title_key(self) -> str:
        """Key of the label that holds its title."""
        return f"{'table' if self.kind == 'table' else 'figure'}.{self.part_of or self.name}.title"


def items(kind: Kind, *names: str) -> tuple[Item, ...]:
    """Return items of one kind by their names.

    Parameters
    ----------
    kind : {"table", "figure", "map"}
        What they are.
    *names : str
        Stems of their files.

    Returns
    -------
    tuple of Item
        In the same order.
    """
    return tuple(Item(name, kind) for name in names)


def _nothing(paper: Paper) -> dict[str, Any]:
    return {}


def _no_items(paper: Paper) -> tuple[Item, ...]:
    return ()


def _no_problems(draft: Draft) -> list[Problem]:
    return []


@dataclass(frozen=True)
class Analysis:
    """One analysis of the paper.

    Parameters
    ----------
    id : str
        Name of its folder.
    inputs : callable
        Files that its computation reads, by name, from the paper.
    settings : callable
        Plain values that its computation, tables and figures are made with. Whatever changes them makes its
        jobs
        run again.
    frames : callable
        Names of the frames that it computes.
    reads : callable
        Files that its tables and figures read beside its frames, by name.
    words : callable
        Files of words that its tables and figures need beside those of config/labels: names that come with
        data.
    items : callable
        Its tables, figures and maps.
    check : callable
        What its settings must hold beyond their schema.
    variables : callable
        Panel variables that its settings name, as pairs of key path and name.
    sections : tuple of str
        Sections of the configuration that it reads.
    needs : tuple of str
        Analyses whose results it reads.
    uses : tuple of str
        Analyses whose results it reads where the configuration has their sections.
    on_map : bool, default False
        Whether it needs the units' places on a map, so that it is off for a paper whose units have none.
    """

    id: str
    inputs: Callable[[Paper], Mapping[str, Files]] = _nothing
    settings: Callable[[Paper], Mapping[str, Any]] = _nothing
    frames: Callable[[Paper], Sequence[str]] = lambda paper: ()
    reads: Callable[[Paper], Mapping[str, Files]] = _nothing
    words: Callable[[Paper], Sequence[str]] = lambda paper: ()
    items: Callable[[Paper], Sequence[Item]] = _no_items
    check: Callable[[Draft], list[Problem]] = _no_problems
    variables: Callable[[Mapping[str, Any]], Iterable[tuple[tuple[Any, ...], str]]] = field(
        default=lambda config: ()
    )
    sections: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    on_map: bool = False

    def outputs(self, paper: Paper) -> dict[str, str]:
        """Return the files of its frames by name.

        Parameters
        ----------
        paper : Paper
            What the configuration and the sheet ask for.

        Returns
        -------
        dict of str to str
            Path by name of the frame.
        """
        return {frame: frame_file(self.id, frame) for frame in self.frames(paper)}

    def sources(self, paper: Paper) -> dict[str, Files]:
        """Return the files that its tables and figures read by name.

        Parameters
        ----------
        paper : Paper
            What the configuration and the sheet ask for.

        Returns
        -------
        dict
            Path or paths by name.
        """
        return {**self.outputs(paper), **self.reads(paper)}

    def files(self, paper: Paper) -> list[str]:
        """Return every file that it makes.

        Parameters
        ----------
        paper : Paper
            What the configuration and the sheet ask for.

        Returns
        -------
        list of str
            Frames, then tables and figures in every format.
        """
        made = [file for item in self.items(paper) for file in item.files]
        return [*self.outputs(paper).values(), *made]

    def read_by(self, paper: Paper) -> list[str]:
        """Return every file that it reads and does not make itself.

        Parameters
        ----------
        paper : Paper
            What the configuration and the sheet ask for.

        Returns
        -------
        list of str
            Each path once.
        """
        named = [*self.inputs(paper).values(), *self.reads(paper).values()]
        own = set(self.outputs(paper).values())
        files = [file for value in named for file in ([value] if isinstance(value, str) else value)]
        return [file for file in dict.fromkeys(files) if file not in own]


def frame_file(analysis: str, frame: str) -> str:
    """Return the file of a frame of an analysis.

    Parameters
    ----------
    analysis : str
        Id of the analysis.
    frame : str
        Name of the frame.

    Returns
    -------
    str
        Path in the folder of results.
    """
    return f"results/{analysis}/{frame}.csv"


def weights_file(name: str) -> str:
    """Return the file of a weights matrix.

    Parameters
    ----------
    name : str
        Name of the weights in the configuration.

    Returns
    -------
    str
        Path in the folder of results.
    """
    return f"results/weights/{name}.csv"


def caveat_files(paper: Paper) -> dict[str, str]:
    """Return the input with what is known about single figures, where the paper has it.

    Parameters
    ----------
    paper : Paper
        What the configuration and the sheet ask for.

    Returns
    -------
    dict of str to str
        Path under ``caveats``, or nothing.
    """
    return {"caveats": paper.caveats} if paper.caveats else {}


def scheme_files(paper: Paper) -> dict[str, str]:
    """Return the inputs that describe the composite index, where the paper has one.

    Parameters
    ----------
    paper : Paper
        What the configuration and the sheet ask for.

    Returns
    -------
    dict of str to str
        Paths under ``scheme`` and ``schema``, or nothing.
    """
    return {"scheme": scheme_file(paper), "schema": shipped(SCHEME_SCHEMA)} if paper.has_index else {}


def scheme_file(paper: Paper) -> str:
    """Return the file of the configured index scheme.

    Parameters
    ----------
    paper : Paper
        What the configuration and the sheet ask for.

    Returns
    -------
    str
        Path in the project.
    """
    return f"config/indices/{paper.config['index']['scheme']}.yaml"


def is_result(path: str) -> bool:
    """Return whether a path lies in the folder of results.

    Parameters
    ----------
    path : str
        Path in the project.

    Returns
    -------
    bool
        True for a file that the pipeline makes.

    Examples
    --------
    >>> from shuyi.analyses.base import is_result
    >>> is_result("results/weights/contiguity.csv"), is_result("config/config.yaml")
    (True, False)
    """
    return PurePosixPath(path).parts[:1] == ("results",)
