"""Compute location quotients, similarity of structure and the negative list."""

from shuyi import industry, io
from shuyi.measurement import industry as measured

with io.logged(snakemake.log[0]):
    rules, schema = io.read_yaml(snakemake.input.rules), io.read_yaml(snakemake.input.schema)
    frames = measured.industry_frames(
        industry.load_industry_rules(rules, schema),
        io.read_panel(snakemake.input.panel),
        io.read_weights(snakemake.input.weights),
        structure=snakemake.params.structure,
    )
    io.write_frames(dict(snakemake.output.items()), frames)
