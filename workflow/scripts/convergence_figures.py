"""Draw sigma convergence and relative transition paths, and map the convergence clubs."""

from shuyi import figures_distribution as figures
from shuyi import io, maps, maps_distribution

with io.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    labels = io.read_labels(files.labels, p.language)
    sigma, paths, clubs = io.read_frames(files, p.frames, text=["unit"]).values()
    credit = maps.MapCredit(p.approval_number, labels.text("map.source"))
    drawn = {
        "sigma_by_year": figures.sigma_by_year(sigma, labels, variables=p.variables),
        "transition_paths": figures.transition_paths(paths, labels, variables=p.clubs),
        "club_map": maps_distribution.club_map(clubs, labels, credit, variables=p.clubs),
    }
    io.write_figures(list(snakemake.output), drawn, dpi=p.dpi)
