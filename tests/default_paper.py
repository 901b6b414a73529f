"""The headline of the default paper on the committed figures, as its analyses take it."""

from functools import cache

import snapshot_files
import yaml

from shuyi.analyses.robustness.answer import LANGUAGES
from shuyi.analyses.robustness.variants import Material
from shuyi.china.clean import DERIVATIONS
from shuyi.china.places import PLACES
from shuyi.china.sources import province_sources
from shuyi.data.series import caveats_from
from shuyi.indices import INDEX, compute_index, load_scheme
from shuyi.pipeline import records
from shuyi.spatialpanel import Specification
from shuyi.weights.spec import build_weights

CONFIG = yaml.safe_load((snapshot_files.ROOT / "config/config.yaml").read_text(encoding="utf-8"))
SPECIFICATION = Specification(
    *("sdm", "7", "SDM", "sdm", "ln_gdp_pc"),
    ("digital", "urbanisation", "fiscal_share", "secondary_share", "retail_share"),
    weights="contiguity",
    covariance="cluster_jackknife",
)


@cache
def case():
    scheme = load_scheme(snapshot_files.scheme_yaml(), snapshot_files.scheme_schema())
    caveats = caveats_from(snapshot_files.table("caveats"), PLACES.codes)
    clean = snapshot_files.clean().panel
    index = compute_index(scheme, clean, weighting="entropy", caveats=caveats, derivations=DERIVATIONS)
    panel = clean.join(index.to_panel())
    return Material(panel, SPECIFICATION, INDEX, clean, scheme, "entropy", caveats, DERIVATIONS), contiguity()


@cache
def contiguity():
    return weights("contiguity")


@cache
def weights(name):
    borders = snapshot_files.table("adjacency").to_dict("records")
    sources = province_sources(borders, snapshot_files.clean().panel, {})
    return build_weights(CONFIG["weights"][name], sources)


@cache
def both_labels():
    words = sorted((snapshot_files.ROOT / "config/labels").glob("*.csv"))
    return {
        language: records.read_labels(words, language).with_units(PLACES.names(language))
        for language in LANGUAGES
    }
