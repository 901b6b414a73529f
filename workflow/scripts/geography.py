"""Compute mean centres, deviational ellipses and trend surfaces."""

from shuyi import distribution, io

with io.logged(snakemake.log[0]):
    p = snakemake.params
    frames = distribution.geography_frames(
        io.read_panel(snakemake.input.panel), variables=p.variables, order=p.trend_order, years=p.years
    )
    io.write_frames(dict(snakemake.output.items()), frames)
