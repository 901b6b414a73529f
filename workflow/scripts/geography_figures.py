"""Map deviational ellipses and the trend surface, and draw the ways of the mean centres."""

from shuyi.analyses.geography import figures
from shuyi.analyses.geography import figures as drawing
from shuyi.pipeline import records
from shuyi.publish import maps

with records.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    labels = records.read_labels(files.labels, p.language)
    centres, outlines, surface = records.read_frames(files, p.frames).values()
    credit = maps.MapCredit(p.approval_number, labels.text("map.source"))
    drawn = {
        "ellipse_map": drawing.ellipse_map(centres, outlines, labels, credit, variables=p.variables),
        "centre_paths": figures.centre_paths(centres, labels, variables=p.variables),
        "trend_map": drawing.trend_map(surface, labels, credit),
    }
    records.write_figures(list(snakemake.output), drawn, dpi=p.dpi)
