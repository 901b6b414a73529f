"""Compute the digital development index and join it to the clean panel."""

from shuyi import files, indices
from shuyi.china.clean import DERIVATIONS
from shuyi.china.places import PLACES
from shuyi.data import series
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    i, o, p = snakemake.input, snakemake.output, snakemake.params
    scheme = indices.load_scheme(files.read_yaml(i.scheme), files.read_yaml(i.schema))
    indices.check_no_overlap(scheme, [v for v in p.variables if v != indices.INDEX], DERIVATIONS)
    caveats = series.caveats_from(files.read_csv_text(i.caveats), PLACES.codes)
    clean = records.read_panel(i.panel)
    index = indices.compute_index(
        scheme, clean, weighting=p.weighting, caveats=caveats, derivations=DERIVATIONS
    )
    joined = clean.join(index.to_panel())
    records.write_panel(o.index, index.to_panel())
    files.write_csv(o.scores, index.scores_frame())
    files.write_csv(o.weights, index.weights_frame())
    files.write_json(o.about, index.to_record())
    records.write_panel(o.panel, joined)
    files.write_csv(o.csv, joined.to_frame().reset_index())
