"""Write table 2: index weights and dimensions."""

from shuyi import files, indices
from shuyi.analyses.index import tables
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    scheme = indices.load_scheme(
        files.read_yaml(snakemake.input.scheme), files.read_yaml(snakemake.input.schema)
    )
    panel = records.read_panel(snakemake.input.panel)
    table = tables.table2(
        files.read_csv(snakemake.input.indicators, text=["denominator"]),
        scheme,
        labels,
        weighting=snakemake.params.weighting,
        n=panel.n,
        periods=panel.periods,
    )
    records.write_table(snakemake.output[0], table)
