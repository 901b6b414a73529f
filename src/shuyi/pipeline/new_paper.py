"""The files of a new paper, from a proposal of what a user's files hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import yaml

from shuyi.own.proposal import Proposal

SNAKEFILE = '''"""A paper of the workflow on units of its own."""

from shuyi.files import PROJECT


module shuyi:
    snakefile:
        str(PROJECT / "Snakefile")


use rule * from shuyi


rule whole_paper:
    default_target: True
    input:
        rules.all.input,
'''
README = """# A paper of the workflow

`snakemake --cores 2` runs everything; results lie in `results/`. `config/config.yaml` says what is read,
`config/specifications.csv` what is estimated, `config/labels/paper.csv` what variables are called.

The configuration was proposed from the files in `data/`; `data/README.md` says what was understood of them.
Check it before you believe a number: outcome and regressors are the first complete variables, not a model.
"""
MODELS = (("ols", "FE-OLS", "none"), ("sar", "SAR", "none"), ("sem", "SEM", "none"), ("sdm", "SDM", "all"))
HEADER = "id,table,column,model,outcome,regressors,durbin,weights,effects,correction,sample,covariance"


def paper_files(proposal: Proposal) -> dict[str, str]:
    """Return the text of every file of a paper beside its data.

    Parameters
    ----------
    proposal : Proposal
        What was understood of the user's files, with paths as in the paper's folder.

    Returns
    -------
    dict of str to str
        Text by path in the folder.
    """
    return {
        "Snakefile": SNAKEFILE,
        "README.md": README,
        "config/config.yaml": _config(proposal),
        "config/specifications.csv": _sheet(proposal),
        "config/labels/paper.csv": _labels(proposal),
        "data/units.csv": _units(proposal),
        "data/README.md": f"# Data\n\nWhat was understood of the files:\n\n```\n{proposal}\n```\n",
    }


def _config(proposal: Proposal) -> str:
    dumped = yaml.safe_dump(_settings(proposal), allow_unicode=True, sort_keys=False, width=110)
    return (
        "# Proposed from the files in data/; docs/own_paper.md of the project explains `subject`.\n\n"
        + dumped
    )


def _settings(proposal: Proposal) -> dict[str, Any]:
    term, weights = proposal.regressors[0], list(proposal.weights)
    years = [proposal.years[0], proposal.years[-1]]
    steps = {b - a for a, b in zip(proposal.years, proposal.years[1:], strict=False)}
    step = {"step": steps.pop()} if len(steps) == 1 and steps != {1} else {}
    source = proposal.panel.source.to_config()
    stated = source.get("columns") or {title: title for title in proposal.columns}
    source["columns"] = {title: proposal.columns[name] for title, name in stated.items()}
    source["measures"] = {proposal.columns[v]: m for v, m in (source.get("measures") or {}).items()}
    source |= {"skip": list(proposal.left_out)} if proposal.left_out else {}
    if proposal.panel.source.variable:
        source["variable"] = proposal.columns[proposal.panel.source.variable]
        del source["columns"]
    return {
        "language": "en",
        "seed": 20240315,
        "analyses": {"off": []},
        "subject": {
            "units": {"path": "data/units.csv"},
            "sources": [{k: v for k, v in source.items() if v}],
            "derived": {},
            **({"boundaries": dict(proposal.boundaries)} if proposal.boundaries else {}),
            "words": {"en": {"one": "unit", "many": "units"}, "zh": {"one": "单元"}},
            "credit": dict.fromkeys(("en", "zh"), PurePath(source["path"]).name),
        },
        "panel": {"first_year": years[0], "last_year": years[1], **step},
        "weights": {name: dict(entry) for name, entry in proposal.weights.items()},
        "samples": {"all": []},
        "estimation": {
            "headline": "sdm",
            "covariance": "cluster_jackknife",
            "draws": 4096,
            "confidence": 0.95,
            "power": 0.8,
        },
        "robustness": {
            "term": term,
            "draws": 199,
            "alternatives": {},
            "variants": {"differences": {"change": "differences"}, "lagged": {"change": "lag"}},
        },
        **_spatial(proposal.outcome, weights, years),
        "tables": {"uncertainty": "std_error", "decimals": 3, "stars": [0.1, 0.05, 0.01]},
        "maps": {
            "years": years,
            "classification": "natural_breaks",
            "classes": 5,
            "approval_number": None,
            "dpi": 300,
        },
    }


def _spatial(outcome: str, weights: list[str], years: list[int]) -> Mapping[str, Any]:
    local = {"false_discovery_rate": False, "significance": 0.05, "permutations": 999}
    return {
        "moran": {"variables": [outcome], "weights": weights, "permutations": 999},
        "lisa": {"variables": [outcome], "weights": weights[0], "years": years, **local},
    }


def _sheet(proposal: Proposal) -> str:
    weights, regressors = next(iter(proposal.weights)), " ".join(proposal.regressors)
    rows = [
        f"{name},7,{heading},{name},{proposal.outcome},{regressors},{durbin},{weights},twoways,"
        f"{'none' if name == 'ols' else 'lee_yu'},all,default"
        for name, heading, durbin in MODELS
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def _labels(proposal: Proposal) -> str:
    rows = [f"{name},{_quoted(title)},{_quoted(title)}" for title, name in proposal.columns.items()]
    named = [f"weights.{name},{name.replace('_', ' ')},{name.replace('_', ' ')}" for name in proposal.weights]
    return "\n".join(["key,en,zh", *dict.fromkeys([*rows, *named])]) + "\n"


def _units(proposal: Proposal) -> str:
    rows = [",".join(map(_quoted, (unit.id, unit.name, ";".join(unit.aliases)))) for unit in proposal.units]
    return "\n".join(["id,name,aliases", *rows]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text
