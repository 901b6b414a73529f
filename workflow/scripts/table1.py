"""Write table 1: variables, units and sources."""

from shuyi import files, indices
from shuyi.analyses.description import tables
from shuyi.analyses.index import tables as index_tables
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    scheme = indices.load_scheme(
        files.read_yaml(snakemake.input.scheme), files.read_yaml(snakemake.input.schema)
    )
    panel = records.read_panel(snakemake.input.panel)
    rows = tables.paper_variables(
        files.read_json(snakemake.input.clean),
        files.read_csv(snakemake.input.indicators, text=["denominator"]),
        panel,
        outcomes=snakemake.params.outcomes,
        index=indices.INDEX,
        controls=snakemake.params.controls,
    )
    table = tables.table1(rows, panel, labels, titles=index_tables.scheme_titles(scheme, labels))
    records.write_table(snakemake.output[0], table)
