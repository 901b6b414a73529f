"""Docstrings of the review package: examples run, parameters are explained."""

import ast
import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "src/shuyi"
FILES = sorted([*(ROOT / "review").rglob("*.py"), ROOT / "cli.py"])
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def module_name(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(p for p in parts if p != "__init__")


def functions():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield f"{module_name(path)}.{node.name}", node


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_examples_run(path):
    found = doctest.testmod(importlib.import_module(module_name(path)), optionflags=OPTIONS)
    assert found.failed == 0


@pytest.mark.parametrize(("name", "node"), list(functions()), ids=lambda v: v if isinstance(v, str) else "")
def test_parameters_are_explained(name, node):
    text = ast.get_docstring(node) or ""
    arguments = [a.arg for a in (*node.args.args, *node.args.kwonlyargs) if a.arg not in ("self", "cls")]
    listed = re.findall(r"^(\*?[\w, *]+?) : .+\n    \S", text, re.MULTILINE)
    explained = {a.strip(" *") for names in listed for a in names.split(",")}
    assert set(arguments) <= explained, name
    if arguments and ast.unparse(node.returns) != "None":
        assert re.search(r"^(Returns|Yields)\n-", text, re.MULTILINE), name
