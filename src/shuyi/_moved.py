"""Paths and names of the version before, which still work for this one, with a DeprecationWarning.

A module that is gone is found by the last entry of ``sys.meta_path`` and looks its names up where they went;
a module that lost names to others looks them up there. Nothing costs anything until such a path is used. The
next version deletes this file and the lines of ``shuyi/__init__.py`` that call `install`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any
from warnings import warn

PACKAGE = "shuyi"
SKIPPED = ("importlib._bootstrap", "importlib._bootstrap_external")
"""Modules whose frames a warning's stack level does not count."""

GONE: dict[str, tuple[str, ...]] = {
    "boundaries": ("china.boundaries",),
    "checks": ("pipeline.checks",),
    "clubs": ("analyses.convergence.clubs",),
    "config": ("pipeline.config",),
    "config_distribution": tuple(
        f"analyses.{name}.settings" for name in ("convergence", "dynamics", "geography", "inequality")
    ),
    "config_measurement": tuple(
        f"analyses.{name}.settings" for name in ("coordination", "industry", "ledger", "tiers")
    ),
    "config_report": ("analyses.report.settings",),
    "convergence": ("analyses.convergence.convergence",),
    "coordination": ("analyses.coordination.degrees",),
    "data.clean": ("china.clean",),
    "distribution": (
        "analyses.convergence.frames",
        "analyses.dynamics.frames",
        "analyses.geography.frames",
        "analyses.inequality.frames",
    ),
    "dynamics": ("analyses.dynamics.chains",),
    "estimation": ("analyses.estimation.estimates",),
    "facts": ("analyses.facts.register",),
    "figuredata": ("analyses.autocorrelation.figures", "analyses.estimation.figures", "frames"),
    "figures": ("analyses.autocorrelation.figures", "analyses.estimation.figures", "publish.charts"),
    "figures_distribution": (
        "analyses.convergence.figures",
        "analyses.dynamics.figures",
        "analyses.geography.figures",
        "analyses.inequality.figures",
        "publish.charts",
        "publish.style",
    ),
    "figures_measurement": (
        "analyses.coordination.figures",
        "analyses.index.figures",
        "analyses.ledger.figures",
        "analyses.tiers.figures",
        "publish.style",
    ),
    "figurestyle": ("publish.style",),
    "geography": ("analyses.geography.centres",),
    "industry": ("analyses.industry.quotients",),
    "inequality": ("analyses.inequality.decomposition",),
    "io": ("files", "pipeline.records"),
    "labels": ("publish.labels",),
    "maps": (
        "analyses.autocorrelation.figures",
        "analyses.estimation.figures",
        "analyses.index.figures",
        "publish.maps",
    ),
    "maps_distribution": (
        "analyses.convergence.figures",
        "analyses.geography.figures",
        "analyses.inequality.figures",
    ),
    "maps_measurement": (
        "analyses.coordination.figures",
        "analyses.industry.figures",
        "analyses.ledger.figures",
        "analyses.tiers.figures",
        "publish.maps",
    ),
    "measurement": (),
    "measurement.coordination": ("analyses.coordination.frames",),
    "measurement.industry": ("analyses.industry.frames",),
    "measurement.schemes": ("analyses.index.frames",),
    "measurement.spillover": ("analyses.ledger.blocks", "analyses.ledger.frames"),
    "measurement.tiers": ("analyses.tiers.frames",),
    "measurement.titles": ("publish.labels",),
    "mobility": ("analyses.dynamics.mobility",),
    "monitor": ("analyses.report.control",),
    "monitor_page": ("analyses.report.monitor",),
    "neighbours": ("weights.neighbours",),
    "nonspatial": ("spatialpanel.least_squares",),
    "pages": ("publish.pages",),
    "problems": ("schema",),
    "provenance": ("files", "pipeline.provenance"),
    "provinces": ("china.provinces",),
    "rankings": ("analyses.index.rankings",),
    "reference": ("pipeline.reference",),
    "refusals": ("validation",),
    "report": ("analyses.report.yearly",),
    "run": ("pipeline.run",),
    "spatialpanel.bootstrap": ("spatialpanel.resampling",),
    "spatialpanel.compare": ("spatialpanel.side_by_side",),
    "spatialpanel.comparison": ("spatialpanel.model_selection",),
    "spatialpanel.conventions": ("spatialpanel.corrections",),
    "spatialpanel.detectable": ("spatialpanel.montecarlo.detectable",),
    "spatialpanel.iv_diagnostics": ("spatialpanel.iv.diagnostics",),
    "spatialpanel.iv_equation": ("spatialpanel.iv.equation",),
    "spatialpanel.iv_moments": ("spatialpanel.iv.moments",),
    "spatialpanel.iv_results": ("spatialpanel.iv.results",),
    "spatialpanel.jackknife": ("spatialpanel.covariance.jackknife",),
    "spatialpanel.large": ("spatialpanel.covariance.parts_sparse", "spatialpanel.logdet.sparse"),
    "spatialpanel.robust": ("spatialpanel.covariance.robust",),
    "spatialpanel.sandwich": ("spatialpanel.covariance.sandwich",),
    "spatialpanel.scores": ("spatialpanel.covariance.scores",),
    "spatialpanel.simulate": ("spatialpanel.montecarlo.simulate",),
    "spatialpanel.stochastic": ("spatialpanel.covariance.parts_trace", "spatialpanel.logdet.trace"),
    "spatialpanel.study": ("spatialpanel.montecarlo",),
    "spatialpanel.study.cells": ("spatialpanel.montecarlo.cells",),
    "spatialpanel.study.coverage": ("spatialpanel.montecarlo.coverage",),
    "spatialpanel.study.resampled": ("spatialpanel.montecarlo.resampled",),
    "spatialpanel.study.size": ("spatialpanel.montecarlo.size",),
    "spatialpanel.tests": ("spatialpanel.diagnostics",),
    "spatialpanel.tests.battery": ("spatialpanel.diagnostics.battery",),
    "spatialpanel.tests.dependence": ("spatialpanel.diagnostics.dependence",),
    "spatialpanel.tests.heterogeneity": ("spatialpanel.diagnostics.heterogeneity",),
    "spatialpanel.tests.lm": ("spatialpanel.diagnostics.lm",),
    "spatialpanel.tests.lr": ("spatialpanel.diagnostics.lr",),
    "spatialpanel.tests.random_effects": ("spatialpanel.diagnostics.random_effects",),
    "spatialpanel.tests.result": ("spatialpanel.diagnostics.result",),
    "spatialpanel.tests.score": ("spatialpanel.diagnostics.score",),
    "spatialpanel.tests.serial": ("spatialpanel.diagnostics.serial",),
    "spatialpanel.tests.unitroot": ("spatialpanel.diagnostics.unitroot",),
    "tables": (
        "publish.table",
        "publish.numbers",
        "publish.notes",
        "publish.html",
        "analyses.description.tables",
        "analyses.autocorrelation.tables",
        "analyses.index.tables",
        "analyses.estimation.tables",
        "analyses.estimation.estimates",
    ),
    "tables.coordination": ("analyses.coordination.tables",),
    "tables.description": (
        "analyses.autocorrelation.tables",
        "analyses.description.statistics",
        "analyses.description.tables",
        "analyses.index.tables",
        "publish.layout",
    ),
    "tables.distribution": (
        "analyses.convergence.tables",
        "analyses.dynamics.tables",
        "analyses.geography.tables",
        "analyses.inequality.tables",
        "publish.layout",
        "publish.notes",
        "publish.numbers",
    ),
    "tables.estimation": ("analyses.estimation.tables",),
    "tables.facts": ("analyses.facts.tables",),
    "tables.industry": ("analyses.industry.tables",),
    "tables.latex": ("publish.latex",),
    "tables.layout": ("publish.layout",),
    "tables.notes": ("publish.notes",),
    "tables.numbers": ("publish.numbers",),
    "tables.rankings": ("analyses.index.tables",),
    "tables.render": ("publish.html",),
    "tables.spillover": ("analyses.ledger.tables",),
    "tables.table": ("publish.table",),
    "tables.tiers": ("analyses.tiers.tables",),
    "tables.word": ("publish.word",),
    "tiers": ("analyses.tiers.classification",),
}
"""Modules that are gone, and the modules that hold their names; the first that has a name is taken."""

CHANGED: dict[str, tuple[str, ...]] = {
    "errors": (),
    "esda.inputs": (),
    "indices": (),
    "panel": (),
    "regions": ("china.regions",),
    "spatialpanel": (),
    "spatialpanel.covariance": (
        "spatialpanel.covariance.information",
        "spatialpanel.covariance.kinds",
        "spatialpanel.covariance.parts",
    ),
    "spatialpanel.design": (),
    "spatialpanel.dynamic": ("spatialpanel.stability", "spatialpanel.bias"),
    "spatialpanel.iv": ("spatialpanel.iv.model",),
    "spatialpanel.iv.equation": (),
    "spatialpanel.likelihood": (),
    "spatialpanel.logdet": (
        "spatialpanel.logdet.base",
        "spatialpanel.logdet.choose",
        "spatialpanel.logdet.dense",
    ),
    "spatialpanel.models": ("spatialpanel.bias", "spatialpanel.fixed", "spatialpanel.terms"),
    "spatialpanel.prediction": ("spatialpanel.results",),
    "spatialpanel.results": (),
    "spatialpanel.transforms": (),
    "weights": (),
    "weights.build": (),
    "weights.container": (),
}
"""Modules that are still there, and the modules that took over some of their names."""

RENAMED = {
    "Ground": "Layout",
    "Problem": "LikelihoodProblem",
    "compare_conventions": "compare_corrections",
    "ground_of": "build_layout",
    "refuse_changed_dummies": "check_kept_dummies",
    "refuse_dense": "check_dense_size",
    "refuse_islands": "check_no_islands",
    "refuse_misaligned": "check_aligned",
    "refuse_misplaced": "check_placed",
    "refuse_other_units": "check_same_units",
    "refuse_outside": "check_inside",
    "refuse_overlap": "check_no_overlap",
    "refuse_read_only": "check_writable",
    "refuse_settings": "check_settings",
    "refuse_too_few": "check_enough_observations",
    "refuse_unidentified": "check_identified",
    "refuse_unknown": "check_known",
    "refuse_unstable_effects": "check_stable_effects",
    "table1": "variables_table",
    "table2": "index_weights_table",
    "table3": "descriptive_statistics_table",
    "table4": "correlations_table",
    "table5": "moran_table",
    "table6": "specification_tests_table",
    "table7": "estimates_table",
    "table8": "effects_table",
    "table16": "inequality_table",
    "table17": "convergence_table",
    "table18": "transitions_table",
    "table23": "inequality_regions_table",
    "table24": "dispersion_table",
    "table25": "contributions_table",
    "table26": "convergence_clubs_table",
    "table27": "quadrant_transitions_table",
    "table28": "rank_mobility_table",
    "table29": "centres_table",
}
"""Old name and new name."""


class MovedModule(ModuleType):
    """A module that is gone: its names are looked up where they went."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return found(self.__name__, name, GONE[_below(self.__name__)])

    def __dir__(self) -> list[str]:
        modules = [import_module(f"{PACKAGE}.{module}") for module in GONE[_below(self.__name__)]]
        return sorted({name for module in modules for name in vars(module)})

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the function of the module's own name, which its package exports under the same name."""
        return getattr(self, self.__name__.rpartition(".")[2])(*arguments, **options)


def found(module: str, name: str, places: Sequence[str]) -> Any:
    """Return what an old name of a module stands for, with a warning that says where it is now.

    Parameters
    ----------
    module : str
        Full name of the module that was asked.
    name : str
        The old name.
    places : sequence of str
        Modules below ``shuyi`` in which it may be, in the order of the search.

    Returns
    -------
    object
        What stands under the name now.

    Raises
    ------
    AttributeError
        If no place has the name.
    """
    for place in (*places, _below(module)):
        current = RENAMED.get(name, name)
        target = f"{PACKAGE}.{place}" if place else PACKAGE
        if place in GONE:
            continue
        for candidate in dict.fromkeys((name, current)):
            value = vars(import_module(target)).get(candidate)
            if value is not None:
                _warn(f"{module}.{name} is now {target}.{candidate}")
                return value
    raise AttributeError(f"module {module!r} has no attribute {name!r}")


class Finder:
    """Finds modules that are gone, once nothing else has found them."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the specification of a module that is gone, or None for any other.

        Parameters
        ----------
        name : str
            Full name of the module that is imported.
        path : object, optional
            Not read.
        target : object, optional
            Not read.

        Returns
        -------
        ModuleSpec or None
            With this finder as loader.
        """
        if not name.startswith(f"{PACKAGE}.") or _below(name) not in GONE:
            return None
        holds = any(module.startswith(f"{_below(name)}.") for module in GONE)
        return ModuleSpec(name, self, is_package=holds)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module that stands in for one that is gone.

        Parameters
        ----------
        spec : ModuleSpec
            Specification of a module that is gone.

        Returns
        -------
        MovedModule
            Empty until a name is looked up.
        """
        return MovedModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Warn that the path is old.

        Parameters
        ----------
        module : ModuleType
            The module that stands in.
        """
        places = [f"{PACKAGE}.{place}" for place in GONE[_below(module.__name__)]]
        _warn(f"{module.__name__} has moved to {', '.join(places) or 'other packages'}")


class ChangedFinder:
    """Gives modules that lost names a way to find them."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the specification of a changed module with a loader that knows its old names.

        Parameters
        ----------
        name : str
            Full name of the module that is imported.
        path : object, optional
            Folders in which it is looked for.
        target : object, optional
            Module that is loaded again, if any.

        Returns
        -------
        ModuleSpec or None
            None for any other module.
        """
        if not name.startswith(f"{PACKAGE}.") or _below(name) not in CHANGED:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = ChangedLoader(spec.loader.name, spec.loader.path)
        return spec


class ChangedLoader(SourceFileLoader):
    """Loads a module from its source and adds the lookup of names that it had."""

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module; names that it lacks are then looked up where they went.

        Parameters
        ----------
        module : ModuleType
            Module to fill.
        """
        super().exec_module(module)
        places = CHANGED[_below(module.__name__)]

        def lookup(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            return found(module.__name__, name, places)

        vars(module).setdefault("__getattr__", lookup)


def install() -> None:
    """Make old paths work."""
    sys.meta_path.insert(0, ChangedFinder())
    sys.meta_path.append(Finder())


def _below(module: str) -> str:
    return module.partition(".")[2]


def _warn(what: str) -> None:
    """Warn at the line outside this module and the import system that used an old path."""
    depth, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals["__name__"].startswith((__name__, "importlib")):
        depth += frame.f_globals["__name__"] not in SKIPPED
        frame = frame.f_back
    warn(f"{what}; the old path goes with the next version.", DeprecationWarning, stacklevel=depth)
