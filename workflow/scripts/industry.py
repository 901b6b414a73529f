"""Compute location quotients, similarity of structure and the negative list."""

from shuyi import files
from shuyi.analyses.industry import frames as measured
from shuyi.analyses.industry import quotients
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    rules, schema = files.read_yaml(snakemake.input.rules), files.read_yaml(snakemake.input.schema)
    frames = measured.industry_frames(
        quotients.load_industry_rules(rules, schema),
        records.read_panel(snakemake.input.panel),
        records.read_weights(snakemake.input.weights),
        structure=snakemake.params.structure,
    )
    records.write_frames(dict(snakemake.output.items()), frames)
