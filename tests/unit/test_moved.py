"""Paths and names of the version before work for this one, and say where they went."""

import importlib
import subprocess
import sys

import pytest

from shuyi import _moved

RENAMED_IN = {
    "shuyi.errors": "refuse_unknown",
    "shuyi.esda.inputs": "refuse_settings",
    "shuyi.indices": "refuse_overlap",
    "shuyi.regions": "refuse_misplaced",
    "shuyi.spatialpanel": "compare_conventions",
    "shuyi.spatialpanel.design": "refuse_changed_dummies",
    "shuyi.spatialpanel.dynamic": "refuse_unstable_effects",
    "shuyi.spatialpanel.iv.equation": "refuse_unidentified",
    "shuyi.spatialpanel.likelihood": "Problem",
    "shuyi.spatialpanel.logdet": "refuse_outside",
    "shuyi.spatialpanel.transforms": "refuse_too_few",
    "shuyi.spatialpanel.study": "Ground",
    "shuyi.weights": "refuse_misaligned",
    "shuyi.weights.container": "refuse_other_units",
}
SPLIT = {
    "shuyi.regions": "region_of",
    "shuyi.spatialpanel.covariance": "COVARIANCES",
    "shuyi.spatialpanel.dynamic": "stability_test",
    "shuyi.spatialpanel.iv": "SpatialIV",
    "shuyi.spatialpanel.logdet": "log_determinant",
    "shuyi.spatialpanel.models": "BIAS_BASES",
    "shuyi.spatialpanel.prediction": "static_point",
    "shuyi.io": "read_panel",
    "shuyi.figuredata": "lisa_note",
    "shuyi.maps": "map_index",
    "shuyi.tables": "table8",
    "shuyi.tables.distribution": "table29",
}


@pytest.mark.parametrize("path", _moved.GONE)
def test_old_modules_are_imported_with_a_warning_and_hold_what_they_held(path):
    sys.modules.pop(f"shuyi.{path}", None)
    with pytest.warns(DeprecationWarning, match="goes with the next version") as caught:
        old = importlib.import_module(f"shuyi.{path}")
    assert caught[-1].filename == __file__
    for place in _moved.GONE[path]:
        new = importlib.import_module(f"shuyi.{place}")
        name = next(name for name in vars(new) if not name.startswith("_") and name != "annotations")
        with pytest.warns(DeprecationWarning, match=rf"{path}\.{name} is now shuyi"):
            getattr(old, name)
    with pytest.raises(AttributeError, match="no_such_name"):
        old.no_such_name  # noqa: B018


@pytest.mark.filterwarnings("ignore::DeprecationWarning:importlib")
@pytest.mark.parametrize(("path", "name"), [*RENAMED_IN.items(), *SPLIT.items()])
def test_names_that_were_changed_or_taken_over_are_found(path, name):
    module = importlib.import_module(path)
    with pytest.warns(DeprecationWarning, match=rf"{path}\.{name} is now shuyi"):
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError):
        module.no_such_name  # noqa: B018


def test_functions_stay_callable_where_a_module_had_their_name():
    import shuyi.spatialpanel as library

    kept = library.compare
    with pytest.warns(DeprecationWarning, match="side_by_side"):
        sys.modules.pop("shuyi.spatialpanel.compare", None)
        importlib.import_module("shuyi.spatialpanel.compare")
    with pytest.warns(DeprecationWarning, match="compare is now"), pytest.raises(Exception, match="none"):
        library.compare([])
    library.compare = kept


def test_nothing_old_is_imported_before_it_is_used():
    code = "import sys, shuyi.spatialpanel as s; print(sorted(m for m in sys.modules if m in {}))"
    old = {f"shuyi.{path}" for path in _moved.GONE}
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", "-c", code.format(old)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
