"""Docstrings say what each parameter is and what comes back, under the names of the code; their examples run.

The rules, of every public module, class, function and method of the library:

* each parameter of a function, and each field of a dataclass, has an entry with a text, in the order of the
  code (a class may describe further attributes: computed ones, or those of its base);
* a function that returns something other than None has a section Returns (or Yields); a property is described
  by its sentence;
* a function or property with a ``raise`` of its own has a section Raises, unless it stands for what a
  subclass must give (NotImplementedError);
* every class and function that `shuyi.spatialpanel`, `shuyi.weights` or `shuyi.esda` exports has an example.
"""

import ast
import doctest
import importlib
import inspect
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from snippets import same

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
MODULES = sorted((SOURCE / "shuyi").rglob("*.py"))
EXPORTING = (
    "shuyi.spatialpanel",
    "shuyi.spatialpanel.diagnostics",
    "shuyi.spatialpanel.many",
    "shuyi.weights",
    "shuyi.esda",
)
UNDERLINE = re.compile(r"-{3,}")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


class Checker(doctest.OutputChecker):
    """Numbers may differ by the rounding of floats."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want, got, optionflags) or same(got, want)


@pytest.mark.parametrize(
    "module", [name_of(path) for path in MODULES if ">>>" in path.read_text(encoding="utf-8")]
)
def test_the_examples_of_a_module_print_what_they_say(module):
    runner = doctest.DocTestRunner(checker=Checker(), verbose=False)
    found = importlib.import_module(module)
    report: list[str] = []
    for test in doctest.DocTestFinder(exclude_empty=True).find(found, module):
        runner.run(test, out=report.append)
    assert not runner.failures, "".join(report)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_docstrings_document_what_the_code_takes_and_returns(path):
    problems = [
        f"{path.relative_to(ROOT)}:{node.lineno} {name}: {problem}"
        for name, node, is_method in public(ast.parse(path.read_text(encoding="utf-8")).body)
        for problem in problems_of(node, is_method)
    ]
    assert not problems, "\n" + "\n".join(problems)


@pytest.mark.parametrize("package", EXPORTING)
def test_every_exported_class_and_function_has_an_example(package):
    module = importlib.import_module(package)
    exported = {name: getattr(module, name) for name in module.__all__}
    without = [
        name
        for name, thing in exported.items()
        if (inspect.isclass(thing) or inspect.isfunction(thing)) and ">>>" not in (thing.__doc__ or "")
    ]
    assert not without


def public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Function | ast.ClassDef, bool]]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            if "overload" not in decorators(node):
                yield prefix + node.name, node, bool(prefix)
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{prefix}{node.name}.")


def problems_of(node: Function | ast.ClassDef, is_method: bool) -> Iterator[str]:
    sections = sections_of(ast.get_docstring(node) or "")
    taken = fields(node) if isinstance(node, ast.ClassDef) else arguments(node, is_method)
    parameters, attributes = (entries(sections.get(name, [])) for name in ("Parameters", "Attributes"))
    told = [*parameters, *attributes]
    names = [name for name, _ in parameters] + [name for name, _ in attributes if name in taken]
    if names != taken:
        yield f"documents {names}, takes {taken}"
    yield from (f"no text for {name}" for name, text in told if not text)
    if isinstance(node, Function) and gives(node) and not {"Returns", "Yields"} & set(sections):
        yield "no section Returns"
    if isinstance(node, Function) and raises(node) and "Raises" not in sections:
        yield "no section Raises"


def decorators(node: Function | ast.ClassDef) -> set[str]:
    return {ast.unparse(d).split("(")[0].rpartition(".")[2] for d in node.decorator_list}


def arguments(node: Function, is_method: bool) -> list[str]:
    given = node.args
    names = [a.arg for a in (*given.posonlyargs, *given.args)]
    if is_method and "staticmethod" not in decorators(node):
        names = names[1:]
    names += [f"*{given.vararg.arg}"] if given.vararg else []
    names += [a.arg for a in given.kwonlyargs]
    names += [f"**{given.kwarg.arg}"] if given.kwarg else []
    return [name for name in names if not name.startswith("_")]


def fields(node: ast.ClassDef) -> list[str]:
    made = [c for c in node.body if isinstance(c, ast.FunctionDef) and c.name == "__init__"]
    if made:
        return arguments(made[0], is_method=True)
    if "dataclass" not in decorators(node) and "NamedTuple" not in map(ast.unparse, node.bases):
        return []
    return [
        c.target.id
        for c in node.body
        if isinstance(c, ast.AnnAssign)
        and isinstance(c.target, ast.Name)
        and not c.target.id.startswith("_")
        and "ClassVar" not in ast.unparse(c.annotation)
        and "init=False" not in ast.unparse(c)
    ]


def gives(node: Function) -> bool:
    if decorators(node) & {"property", "cached_property"}:
        return False
    return node.returns is not None and ast.unparse(node.returns) not in ("None", "NoReturn")


def raises(node: ast.AST) -> bool:
    """Return whether a function raises by itself, not in a function inside it."""
    inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    return any(
        (
            isinstance(child, ast.Raise)
            and child.exc is not None
            and "NotImplementedError" not in ast.unparse(child.exc)
        )
        or (not isinstance(child, inner) and raises(child))
        for child in ast.iter_child_nodes(node)
    )


def sections_of(doc: str) -> dict[str, list[str]]:
    lines = [*doc.splitlines(), ""]
    starts = [i for i, (_, below) in enumerate(pairwise(lines)) if UNDERLINE.fullmatch(below)]
    return {lines[i]: lines[i + 2 : j] for i, j in pairwise([*starts, len(lines)])}


def entries(section: list[str]) -> list[tuple[str, str]]:
    """Return name and text of each parameter; several that share an entry share its text."""
    heads = [i for i, line in enumerate(section) if line and not line[0].isspace()]
    found = []
    for i, j in pairwise([*heads, len(section)]):
        text = " ".join(section[i + 1 : j]).strip()
        found += [(name.strip(), text) for name in section[i].partition(" : ")[0].split(",")]
    return found
