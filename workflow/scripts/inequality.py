"""Decompose inequality by region, indicator and province."""

from shuyi import distribution, indices, io, regions

with io.logged(snakemake.log[0]):
    p, panel = snakemake.params, io.read_panel(snakemake.input.panel)
    scheme = indices.load_scheme(io.read_yaml(snakemake.input.scheme), io.read_yaml(snakemake.input.schema))
    frames = distribution.inequality_frames(
        panel,
        indices.indicator_panel(scheme, panel)[0],
        regions.province_grouping(p.regions, panel.units),
        io.read_weights(snakemake.input.neighbours),
        variables=p.variables,
        threshold=p.gap_threshold,
        permutations=p.permutations,
        seed=p.seed,
        name=p.weights,
        others=regions.other_groupings(p.regions, panel.units),
    )
    io.write_frames(dict(snakemake.output.items()), frames)
