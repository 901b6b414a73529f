"""Draw sigma convergence and relative transition paths, and map the convergence clubs."""

from shuyi.analyses.convergence import figures
from shuyi.pipeline import records
from shuyi.publish import maps

with records.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    labels = records.read_labels(files.labels, p.language)
    sigma, paths, clubs = records.read_frames(files, p.frames, text=["unit"]).values()
    credit = maps.MapCredit(p.approval_number, labels.text("map.source"))
    drawn = {
        "sigma_by_year": figures.sigma_by_year(sigma, labels, variables=p.variables),
        "transition_paths": figures.transition_paths(paths, labels, variables=p.clubs),
        "club_map": figures.club_map(clubs, labels, credit, variables=p.clubs),
    }
    records.write_figures(list(snakemake.output), drawn, dpi=p.dpi)
