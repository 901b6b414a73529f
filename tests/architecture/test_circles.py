"""No circle of imports of any kind, and layers that know only those below them.

Counted are imports at the top, inside functions and for type checking, and strings of the form
``"shuyi.module:function"``. A package counts where a name is imported from it: its ``__init__`` is a module.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "src/shuyi"
REGISTERED = re.compile(r"(shuyi(?:\.\w+)+):\w+")


def module_name(path):
    return ".".join(("shuyi", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


FILES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def resolved(name):
    """Return the module that a dotted name stands for or is defined in, or None outside the package."""
    while name and name not in FILES:
        name = name.rpartition(".")[0]
    return name or None


def imported(module):
    """Yield the dotted names that a module imports or registers."""
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            match = REGISTERED.fullmatch(node.value)
            if match:
                yield match.group(1)


def edges():
    """Return the modules that each module imports; the bare package ``shuyi`` defines nothing."""
    found = {}
    for module in FILES:
        targets = {resolved(name) for name in imported(module) if name.split(".")[0] == "shuyi"}
        found[module] = targets - {None, "shuyi", module}
    return found


EDGES = edges()


def circles(graph):
    """Return the strongly connected sets of more than one module, by repeated removal of loose ends."""
    left = {node: set(targets) for node, targets in graph.items()}
    while True:
        sources = {target for targets in left.values() for target in targets}
        loose = {node for node, targets in left.items() if not targets or node not in sources}
        if not loose:
            return left
        left = {node: targets - loose for node, targets in left.items() if node not in loose}


def test_a_circle_is_found():
    assert set(circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}})) == {"b", "c"}
    assert not circles({"a": {"b"}, "b": {"c"}, "c": set()})


def test_modules_import_each_other_in_one_direction():
    assert not circles(EDGES)


def room(module):
    """Return the first part of a module's name below ``shuyi``."""
    return module.split(".")[1] if "." in module else ""


GENERAL = (
    *("spatialpanel", "weights", "esda", "indices", "panel", "periods", "units", "regions", "frames"),
    *("readers", "strict", "data", "validation", "arguments", "alignment", "schema", "files", "errors"),
)
"""Rooms for any units: they know no analysis, nothing of what is printed, no run and no country."""

FORBIDDEN = {
    **{name: {"analyses", "publish", "pipeline", "review", "china"} for name in GENERAL},
    "publish": {"analyses", "spatialpanel", "pipeline", "review", "china"},
    "china": {"analyses", "spatialpanel", "pipeline", "review"},
    "analyses": {"pipeline", "review", "china"},
}
"""What a room must not import: `publish` knows no estimator and no analysis, only `pipeline` knows the run
and a country."""


@pytest.mark.parametrize("room_", FORBIDDEN)
def test_rooms_know_only_what_lies_below(room_):
    seen = sorted(
        f"{module} imports {target}"
        for module, targets in EDGES.items()
        if room(module) == room_
        for target in targets
        if room(target) in FORBIDDEN[room_]
    )
    assert not seen, "\n".join(seen)


def test_every_room_has_its_layer():
    tops = {"pipeline", "review", "cli", "resources", "_moved", ""}
    assert {room(module) for module in FILES} <= {*FORBIDDEN, *tops}


def test_estimators_stand_on_data_and_weights_alone():
    allowed = {*GENERAL, "_moved"} - {"indices", "files", "regions"}
    seen = {room(t) for m, targets in EDGES.items() if room(m) == "spatialpanel" for t in targets}
    assert seen <= allowed
