"""Compute the digital development index of the configured scheme and weighting."""

from shuyi import files, indices
from shuyi.china import series
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    scheme = indices.load_scheme(
        files.read_yaml(snakemake.input.scheme), files.read_yaml(snakemake.input.schema)
    )
    indices.check_no_overlap(scheme, [v for v in snakemake.params.variables if v != indices.INDEX])
    index = indices.compute_index(
        scheme,
        records.read_panel(snakemake.input.panel),
        weighting=snakemake.params.weighting,
        caveats=series.caveats_from(files.read_csv_text(snakemake.input.caveats)),
    )
    records.write_panel(snakemake.output.panel, index.to_panel())
    files.write_csv(snakemake.output.scores, index.scores_frame())
    files.write_csv(snakemake.output.weights, index.weights_frame())
    files.write_json(snakemake.output.about, index.to_record())
