"""Compute the digital development index of the configured scheme and weighting."""

from shuyi import indices, io
from shuyi.data import series

with io.logged(snakemake.log[0]):
    scheme = indices.load_scheme(io.read_yaml(snakemake.input.scheme), io.read_yaml(snakemake.input.schema))
    indices.refuse_overlap(scheme, [v for v in snakemake.params.variables if v != indices.INDEX])
    index = indices.compute_index(
        scheme,
        io.read_panel(snakemake.input.panel),
        weighting=snakemake.params.weighting,
        caveats=series.caveats_from(io.read_csv_text(snakemake.input.caveats)),
    )
    io.write_panel(snakemake.output.panel, index.to_panel())
    io.write_csv(snakemake.output.scores, index.scores_frame())
    io.write_csv(snakemake.output.weights, index.weights_frame())
    io.write_json(snakemake.output.about, index.to_record())
