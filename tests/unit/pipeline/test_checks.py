import numpy as np
import pandas as pd
import pytest

from shuyi.analyses.estimation.estimates import PeerComparison
from shuyi.errors import DataError
from shuyi.pipeline import checks
from shuyi.weights import Weights

SPECS = {"contiguity": {"kind": "contiguity", "links": [["b", "c"]]}}


def contiguity(matrix, normalisation="row"):
    return {"contiguity": Weights(np.array(matrix, float), ("a", "b", "c"), "contiguity", normalisation)}


def effects(direct=1.0, indirect=0.5, total=1.5):
    rows = {"direct": direct, "indirect": indirect, "total": total}
    return {
        "sdm": pd.DataFrame({"term": "x", "component": rows.keys(), "estimate": rows.values()})
    }  # fmt: skip


class Fit:
    params = {"x": 0.6, "W_x": 0.3, "rho": 0.4}


def test_weights_that_are_the_borders_pass():
    report = checks.check_weights(contiguity([[0, 1, 0], [0.5, 0, 0.5], [0, 1, 0]]), [("a", "b")], SPECS)
    assert checks.require(report).to_record()["passed"]


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[0, 1, 0], [0.5, 0, 0.4], [0, 1, 0]], "row sum of b"),
        ([[0, 0.5, 0.5], [0.5, 0, 0.5], [0, 1, 0]], "differ from the land borders"),
    ],
)
def test_other_weights_fail(matrix, message):
    with pytest.raises(DataError, match=message):
        checks.require(checks.check_weights(contiguity(matrix), [("a", "b")], SPECS))


def test_effects_that_add_up_pass():
    assert checks.require(checks.check_effects(effects(), {"sdm": Fit}, {"sdm": True}))


@pytest.mark.parametrize("wrong", [{"direct": 1.001}, {"total": 1.4, "indirect": 0.4}, {"total": np.nan}])
def test_effects_that_do_not_add_up_fail(wrong):
    with pytest.raises(DataError, match="sdm: "):
        checks.require(checks.check_effects(effects(**wrong), {"sdm": Fit}, {"sdm": True}))


def imputed(share=0.25, logged=1):
    return {
        "years": [2000, 2001],
        "provinces": ["a", "b"],
        "variables": {
            "x": {"imputed_share": share, "series": ["x"]},
            "ln_x": {"imputed_share": share, "series": ["x"]},
        },
        "imputed_cells": [{"series": "x"}] * logged,
    }


def test_imputation_is_limited_and_accounted_for():
    assert checks.require(checks.check_imputation(imputed(), 0.25))
    with pytest.raises(DataError, match="ln_x: share of imputed cells above"):
        checks.require(checks.check_imputation(imputed(), 0.2))
    with pytest.raises(DataError, match="imputed cells in the log"):
        checks.require(checks.check_imputation(imputed(logged=2), 0.25))


def test_manifest_must_name_every_file_with_its_digest():
    manifest = {"outputs": {"a": "1"}, "inputs": {"b": "2"}}
    assert checks.require(checks.check_manifest(manifest, {"a": "1"}, {"b": "2"}))
    for outputs in ({"a": "9"}, {"a": "1", "c": "3"}, {}):
        with pytest.raises(DataError, match="outputs"):
            checks.require(checks.check_manifest(manifest, outputs, {"b": "2"}))


def compared(ours=1.0, peer=1.0, loglik=10.0, at_peer=10.0, **extra):
    return PeerComparison("sar", {"rho": ours}, {"rho": peer} | extra, loglik, at_peer)


def test_peers_at_the_same_maximum_must_agree():
    assert checks.require(checks.check_peers("p", [compared(peer=1.0 + 1e-7)], 1e-6))
    for case in (compared(peer=1.1), compared(x=0.0)):
        with pytest.raises(DataError, match="sar: "):
            checks.require(checks.check_peers("p", [case], 1e-6))


def test_a_peer_with_a_higher_likelihood_fails_the_check():
    with pytest.raises(DataError, match="log-likelihood at the peer above ours"):
        checks.require(checks.check_peers("p", [compared(peer=0.5, at_peer=10.1)], 1e-6))


def test_a_peer_at_a_local_maximum_is_noted():
    report = checks.require(checks.check_peers("p", [compared(peer=0.5, at_peer=9.0)], 1e-6))
    assert report.to_record()["notes"] == ["sar: the peer stopped at a local maximum, 1.0000 below ours"]


def test_a_check_without_comparisons_fails():
    with pytest.raises(DataError, match="compared nothing"):
        checks.require(checks.CheckReport("empty", ()))


def test_a_check_may_compare_nothing_only_where_it_says_why():
    with pytest.raises(DataError, match="compared nothing"):
        checks.require(checks.CheckReport("sums", ()))
    for report in (checks.check_peers("spreg", [], 1e-6), checks.check_effects({}, {}, {})):
        record = checks.require(report).to_record()
        assert record["passed"]
        assert record["comparisons"] == 0
        assert record["notes"] == [report.nothing]
