"""Map deviational ellipses and the trend surface, and draw the ways of the mean centres."""

from shuyi import figures_distribution, io, maps
from shuyi import maps_distribution as drawing

with io.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    labels = io.read_labels(files.labels, p.language)
    centres, outlines, surface = io.read_frames(files, p.frames).values()
    credit = maps.MapCredit(p.approval_number, labels.text("map.source"))
    drawn = {
        "ellipse_map": drawing.ellipse_map(centres, outlines, labels, credit, variables=p.variables),
        "centre_paths": figures_distribution.centre_paths(centres, labels, variables=p.variables),
        "trend_map": drawing.trend_map(surface, labels, credit),
    }
    io.write_figures(list(snakemake.output), drawn, dpi=p.dpi)
