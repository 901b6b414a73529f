"""The headline of the default paper on the committed figures."""

from functools import cache

import snapshot_files
import yaml

from shuyi.analyses.headline import Headline
from shuyi.china.clean import DERIVATIONS
from shuyi.china.places import PLACES
from shuyi.china.sources import province_sources
from shuyi.data.series import caveats_from
from shuyi.indices import compute_index, load_scheme
from shuyi.spatialpanel import Specification
from shuyi.weights.spec import build_weights

CONFIG = yaml.safe_load((snapshot_files.ROOT / "config/config.yaml").read_text(encoding="utf-8"))
REGRESSORS = ("digital", "urbanisation", "fiscal_share", "secondary_share", "retail_share")
SPECIFICATION = Specification(
    *("sdm", "7", "SDM", "sdm", "ln_gdp_pc", REGRESSORS),
    weights="contiguity",
    covariance="cluster_jackknife",
)
ROWS = [
    {"id": "sdm", "model": "sdm", "effects": "twoways", "regressors": " ".join(REGRESSORS), "durbin": "all"}
]
SETTINGS = {
    "specification": SPECIFICATION.to_dict(),
    "covariance": "cluster_jackknife",
    "excluded": [],
    "level": 0.95,
    "power": 0.8,
    "seed": 1,
}


@cache
def scheme(name="four_dimensions"):
    """Return an index scheme of the project."""
    path = snapshot_files.ROOT / f"config/indices/{name}.yaml"
    return load_scheme(yaml.safe_load(path.read_text(encoding="utf-8")), snapshot_files.scheme_schema())


@cache
def caveats():
    """Return the breaks of the series."""
    return caveats_from(snapshot_files.table("caveats"), PLACES.codes)


@cache
def clean():
    """Return the clean panel."""
    return snapshot_files.clean().panel


@cache
def weights():
    """Return the weights of the headline."""
    borders = snapshot_files.table("adjacency").to_dict("records")
    return build_weights(CONFIG["weights"]["contiguity"], province_sources(borders, clean(), {}))


@cache
def headline():
    """Return the headline, ready to be estimated."""
    index = compute_index(scheme(), clean(), weighting="entropy", caveats=caveats(), derivations=DERIVATIONS)
    return Headline(clean().join(index.to_panel()), weights(), SPECIFICATION, 0.95, 0.8)
