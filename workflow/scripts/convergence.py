"""Estimate sigma, beta, spatial beta and club convergence."""

from shuyi import distribution, io, regions

with io.logged(snakemake.log[0]):
    p, panel = snakemake.params, io.read_panel(snakemake.input.panel)
    frames = distribution.convergence_frames(
        panel,
        regions.province_grouping(p.regions, panel.units),
        io.read_weights(snakemake.input.neighbours),
        variables=p.variables,
        controls=p.controls,
        models=p.models,
        span=p.span,
        significance=p.significance,
        clubs=p.clubs,
        hp_smoothing=p.hp_smoothing,
        name=p.weights,
    )
    io.write_frames(dict(snakemake.output.items()), frames)
