"""Decompose inequality by region, indicator and province."""

from shuyi import files, indices
from shuyi.analyses.inequality import frames as inequality_frames
from shuyi.china import regions
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    p, panel = snakemake.params, records.read_panel(snakemake.input.panel)
    scheme = indices.load_scheme(
        files.read_yaml(snakemake.input.scheme), files.read_yaml(snakemake.input.schema)
    )
    frames = inequality_frames.inequality_frames(
        panel,
        indices.indicator_panel(scheme, panel)[0],
        regions.province_grouping(p.regions, panel.units),
        records.read_weights(snakemake.input.neighbours),
        variables=p.variables,
        threshold=p.gap_threshold,
        permutations=p.permutations,
        seed=p.seed,
        name=p.weights,
        others=regions.other_groupings(p.regions, panel.units),
    )
    records.write_frames(dict(snakemake.output.items()), frames)
