"""Estimate sigma, beta, spatial beta and club convergence."""

from shuyi.analyses.convergence import frames as convergence_frames
from shuyi.china import regions
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    p, panel = snakemake.params, records.read_panel(snakemake.input.panel)
    frames = convergence_frames.convergence_frames(
        panel,
        regions.province_grouping(p.regions, panel.units),
        records.read_weights(snakemake.input.neighbours),
        variables=p.variables,
        controls=p.controls,
        models=p.models,
        span=p.span,
        significance=p.significance,
        clubs=p.clubs,
        hp_smoothing=p.hp_smoothing,
        name=p.weights,
    )
    records.write_frames(dict(snakemake.output.items()), frames)
