"""Compute the digital development index and join it to the clean panel."""

from shuyi import files, indices
from shuyi.china import series
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    i, o, p = snakemake.input, snakemake.output, snakemake.params
    scheme = indices.load_scheme(files.read_yaml(i.scheme), files.read_yaml(i.schema))
    indices.check_no_overlap(scheme, [v for v in p.variables if v != indices.INDEX])
    clean, caveats = records.read_panel(i.panel), series.caveats_from(files.read_csv_text(i.caveats))
    index = indices.compute_index(scheme, clean, weighting=p.weighting, caveats=caveats)
    joined = clean.join(index.to_panel())
    records.write_panel(o.index, index.to_panel())
    files.write_csv(o.scores, index.scores_frame())
    files.write_csv(o.weights, index.weights_frame())
    files.write_json(o.about, index.to_record())
    records.write_panel(o.panel, joined)
    files.write_csv(o.csv, joined.to_frame().reset_index())
