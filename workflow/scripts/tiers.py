"""Assign the provinces to tiers and place them in the development coordinates."""

from shuyi import files, indices
from shuyi.analyses.tiers import frames as tiers_frames
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    scheme = indices.load_scheme(
        files.read_yaml(snakemake.input.scheme), files.read_yaml(snakemake.input.schema)
    )
    frames = tiers_frames.tier_frames(
        records.read_panel(snakemake.input.index),
        files.read_rows(snakemake.input.instruments),
        rule=snakemake.params.rule,
        axes=snakemake.params.axes,
        titles=scheme.dimensions,
        seed=snakemake.params.seed,
    )
    records.write_frames(dict(snakemake.output.items()), frames)
