"""What a reader must be able to rely on at a glance: who may do what, and where."""

import ast
import re
from pathlib import Path

import pytest

from shuyi.analyses.registry import ANALYSES
from shuyi.pipeline import provenance

ROOT = Path(__file__).parents[2]
LIBRARY = sorted((ROOT / "src/shuyi").rglob("*.py"))
SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*.py"))
RULES = {
    script: body
    for path in sorted((ROOT / "workflow/rules").glob("*.smk"))
    for body in re.findall(
        r"^ *rule(?: \w+)?:\n((?:    .*\n|\n)+)", path.read_text(encoding="utf-8"), re.MULTILINE
    )
    for script in re.findall(r'"\.\./scripts/(\w+)\.py"', body)
}
"""The body of each rule with a script, by the script's name."""
ANALYSED = {"analyse": ("frames",), "publish": ("tables", "figures")}
"""Scripts of every analysis, whose rules are made in a loop, and the modules that they call."""
MAX_SCRIPT_LINES = 20
LOGIC = (ast.If, ast.For, ast.While, ast.FunctionDef, ast.ClassDef, ast.Try, ast.Lambda)
READERS = {
    *("files.py", "pipeline/records.py", "pipeline/provenance.py", "publish/pages.py"),
    "publish/paper.py",
    *(
        "china/provinces.py",
        "spatialpanel/diagnostics/unitroot.py",
        "spatialpanel/montecarlo/levels.py",
        "readers/content.py",
        "review/command.py",
    ),
}
"""files.py and records.py read and write files, readers/content.py and review/command.py those that users
bring; the others read resources that the package ships (sources, templates, registry, critical values and
levels)."""


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
    assert "with records.logged(snakemake.log[0]):" in source


def test_every_script_has_a_rule_and_every_rule_a_script():
    assert set(RULES) == {path.stem for path in SCRIPTS}


@pytest.mark.parametrize("script", RULES)
def test_rules_have_log_environment_and_code(script):
    body = RULES[script]
    for directive in ("log:", "conda:", "params:", "output:"):
        assert directive in body
    assert '"../../environment.yml"' in body
    assert "code=" in body
    assert "run:" not in body


@pytest.mark.parametrize("script", sorted(set(RULES) - set(ANALYSED)))
def test_code_digest_names_what_the_script_uses(script):
    listed = RULES[script].partition("code=code_digest(")[2].partition("script:")[0]
    named = re.findall(r'"([\w.]+)"', listed)
    covered = {file for module in named for file in provenance.closure(module)}
    path = ROOT / "workflow/scripts" / f"{script}.py"
    needed = {*provenance.imported_modules(path), *_converted(path.read_text(encoding="utf-8"))}
    missing = [module for module in needed if not provenance.closure(module) <= covered]
    assert not missing, f"rule of {script}.py: add {missing} to code_digest(...)"


RECORDS = {
    node.name: node
    for node in ast.parse((ROOT / "src/shuyi/pipeline/records.py").read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef)
}


def _converted(source):
    """Return the modules that the functions of records.py import which a source calls."""
    called = set(re.findall(r"\brecords\.(\w+)", source)) & set(RECORDS)
    return {name for function in called for name in provenance.imports_of(RECORDS[function])}


def _digested(digest, monkeypatch):
    """Return the files that a digest covers."""
    seen = []
    monkeypatch.setattr(provenance, "_digest_of", lambda files: seen.extend(files) or "0" * 64)
    digest()
    return set(seen)


@pytest.mark.parametrize("analysis", [a.id for a in ANALYSES])
@pytest.mark.parametrize("script", ANALYSED)
def test_digest_of_an_analysis_covers_its_modules_and_what_reads_their_inputs(script, analysis, monkeypatch):
    folder = ROOT / "src/shuyi/analyses" / analysis
    parts = [part for part in ANALYSED[script] if (folder / f"{part}.py").is_file()]
    if not parts:
        pytest.skip(f"{analysis} has no such job")
    digest = {
        "analyse": lambda: provenance.job_digest(analysis, "frames"),
        "publish": lambda: provenance.publishing_digest(analysis),
    }[script]
    covered = _digested(digest, monkeypatch)
    needed = {*provenance.imported_modules(ROOT / "workflow/scripts" / f"{script}.py")}
    for part in parts:
        module = folder / f"{part}.py"
        needed |= {f"analyses.{analysis}.{part}", *provenance.imported_modules(module), *_read_by(module)}
    missing = [module for module in needed if not provenance.closure(module) <= covered]
    assert not missing


def _read_by(module):
    """Return the modules behind the readers (``sources.weights(...)``) that a module calls, found anew."""
    called = re.findall(r"\bsources?\.(\w+)\(", module.read_text(encoding="utf-8"))
    jobs = (ROOT / "src/shuyi/pipeline/jobs.py").read_text(encoding="utf-8")
    parts = {name: jobs.split(f"    def {name}(self")[1:] for name in called}
    bodies = {name: re.split(r"    def |\n\n\n", found[0])[0] for name, found in parts.items() if found}
    return {name for body in bodies.values() for name in _converted(body)}


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
