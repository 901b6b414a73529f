"""What a reader must be able to rely on at a glance: who may do what, and where."""

import ast
import re
from pathlib import Path

import pytest

from shuyi.pipeline import provenance

ROOT = Path(__file__).parents[2]
LIBRARY = sorted((ROOT / "src/shuyi").rglob("*.py"))
SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*.py"))
RULES = {
    name: body
    for path in sorted((ROOT / "workflow/rules").glob("*.smk"))
    for name, body in re.findall(
        r"^rule (\w+):\n((?:    .*\n|\n)+)", path.read_text(encoding="utf-8"), re.MULTILINE
    )
    if "script:" in body
}
MAX_SCRIPT_LINES = 20
LOGIC = (ast.If, ast.For, ast.While, ast.FunctionDef, ast.ClassDef, ast.Try, ast.Lambda)
UNIT_ROOTS = "spatialpanel/tests/unitroot.py"
USERS_FILES = "readers/content.py"
READERS = {"io.py", "provenance.py", "provinces.py", "maps.py", "figurestyle.py", "pages.py"}
READERS |= {UNIT_ROOTS, USERS_FILES}
"""io.py reads and writes files, readers/content.py reads those that users bring; the others read resources
that packages ship (sources, registry, maps, fonts, templates, critical values)."""


def library_name(path):
    return path.relative_to(ROOT / "src/shuyi").as_posix()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_scripts_are_adapters(path):
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert len(source.splitlines()) <= MAX_SCRIPT_LINES
    assert ast.get_docstring(tree)
    found = [node for node in ast.walk(tree) if isinstance(node, LOGIC)]
    assert not found
    assert "snakemake.config" not in source
    assert "with io.logged(snakemake.log[0]):" in source


def test_every_script_has_a_rule_and_every_rule_a_script():
    used = {re.search(r'"\.\./scripts/(\w+\.py)"', body).group(1) for body in RULES.values()}
    assert used == {path.name for path in SCRIPTS}


@pytest.mark.parametrize("rule", RULES)
def test_rules_have_log_environment_and_code(rule):
    body = RULES[rule]
    for directive in ("log:", "conda:", "params:", "output:"):
        assert directive in body
    assert '"../../environment.yml"' in body
    assert "run:" not in body


@pytest.mark.parametrize("rule", RULES)
def test_code_digest_names_what_the_script_uses(rule):
    body = RULES[rule]
    named = re.findall(r'"([\w.]+)"', re.search(r"code=code_digest\(([^)]*)\)", body).group(1))
    script = ROOT / "workflow/scripts" / re.search(r'"\.\./scripts/(\w+\.py)"', body).group(1)
    covered = {file for module in named for file in provenance.closure(module)}
    needed = {*provenance.imported_modules(script), *_converted(script)}
    missing = [module for module in needed if not provenance.closure(module) <= covered]
    assert not missing, f"rule {rule}: add {missing} to code_digest(...)"


def _converted(script):
    """Return the modules that the functions of io.py import which a script calls."""
    called = set(re.findall(r"\bio\.(\w+)", script.read_text(encoding="utf-8")))
    functions = {
        node.name: node
        for node in ast.parse((ROOT / "src/shuyi/io.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    return {
        name for function in called & set(functions) for name in provenance.imports_of(functions[function])
    }


@pytest.mark.parametrize("path", LIBRARY, ids=library_name)
def test_library_is_free_of_workflow_printing_and_pickles(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & {"snakemake", "pickle"}
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in {"snakemake", "pickle"}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print"
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None
            assert ast.unparse(node.type) not in {"Exception", "BaseException"}


@pytest.mark.parametrize("path", LIBRARY, ids=library_name)
def test_files_are_accessed_in_one_place(path):
    if library_name(path) in READERS:
        return
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    assert not calls & {"open", "read_text", "write_text", "read_bytes", "write_bytes", "mkdir", "unlink"}


def _public(body):
    """Yield the public functions and classes of a module, and the public methods of public classes."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


@pytest.mark.parametrize("path", LIBRARY, ids=library_name)
def test_public_functions_are_documented_and_annotated(path):
    for node in _public(ast.parse(path.read_text(encoding="utf-8")).body):
        assert ast.get_docstring(node), f"{node.name} has no docstring"
        if isinstance(node, ast.FunctionDef):
            assert node.returns is not None, f"{node.name} has no return annotation"


def test_functions_are_short():
    lengths = [
        (node.end_lineno - node.lineno + 1 - len((ast.get_docstring(node) or "").splitlines()), node.name)
        for path in LIBRARY
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    assert max(lengths)[0] <= 60, max(lengths)
    assert sorted(lengths)[len(lengths) // 2][0] <= 12


def test_snakefile_is_short():
    assert len((ROOT / "Snakefile").read_text(encoding="utf-8").splitlines()) <= 60
