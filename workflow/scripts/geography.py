"""Compute mean centres, deviational ellipses and trend surfaces."""

from shuyi.analyses.geography import frames as geography_frames
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    p = snakemake.params
    frames = geography_frames.geography_frames(
        records.read_panel(snakemake.input.panel), variables=p.variables, order=p.trend_order, years=p.years
    )
    records.write_frames(dict(snakemake.output.items()), frames)
