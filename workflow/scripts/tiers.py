"""Assign the provinces to tiers and place them in the development coordinates."""

from shuyi import indices, io
from shuyi.measurement import tiers

with io.logged(snakemake.log[0]):
    scheme = indices.load_scheme(io.read_yaml(snakemake.input.scheme), io.read_yaml(snakemake.input.schema))
    frames = tiers.tier_frames(
        io.read_panel(snakemake.input.index),
        io.read_rows(snakemake.input.instruments),
        rule=snakemake.params.rule,
        axes=snakemake.params.axes,
        titles=scheme.dimensions,
        seed=snakemake.params.seed,
    )
    io.write_frames(dict(snakemake.output.items()), frames)
