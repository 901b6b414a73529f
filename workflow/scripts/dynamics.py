"""Estimate densities, Markov chains, movements in the Moran scatterplot and rank mobility."""

from shuyi.analyses.dynamics import frames as dynamics_frames
from shuyi.china import regions
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    p, panel = snakemake.params, records.read_panel(snakemake.input.panel)
    frames = dynamics_frames.dynamics_frames(
        panel,
        regions.province_grouping(p.regions, panel.units),
        records.read_weights(snakemake.input.neighbours),
        variable=p.variable,
        classes=p.classes,
        lag=p.lag,
        sectors=p.sectors,
        permutations=p.permutations,
        seed=p.seed,
        name=p.weights,
    )
    records.write_frames(dict(snakemake.output.items()), frames)
