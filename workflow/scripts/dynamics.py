"""Estimate densities, Markov chains, movements in the Moran scatterplot and rank mobility."""

from shuyi import distribution, io, regions

with io.logged(snakemake.log[0]):
    p, panel = snakemake.params, io.read_panel(snakemake.input.panel)
    frames = distribution.dynamics_frames(
        panel,
        regions.province_grouping(p.regions, panel.units),
        io.read_weights(snakemake.input.neighbours),
        variable=p.variable,
        classes=p.classes,
        lag=p.lag,
        sectors=p.sectors,
        permutations=p.permutations,
        seed=p.seed,
        name=p.weights,
    )
    io.write_frames(dict(snakemake.output.items()), frames)
