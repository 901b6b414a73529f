"""Draw inequality by year and by indicator, and map the contributions of provinces."""

from shuyi import figures_distribution as figures
from shuyi import indices, io, maps, maps_distribution, tables

with io.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    labels = io.read_labels(files.labels, p.language)
    scheme = indices.load_scheme(io.read_yaml(files.scheme), io.read_yaml(files.schema))
    parts, dispersion, provinces = io.read_frames(files, p.frames, text=["unit"]).values()
    credit = maps.MapCredit(p.approval_number, labels.text("map.source"))
    titles = tables.scheme_titles(scheme, labels)
    drawn = {
        "inequality_by_year": figures.inequality_by_year(parts, labels, variables=p.variables),
        "dispersion_by_indicator": figures.dispersion_by_indicator(dispersion, labels, titles=titles),
        "contributions_map": maps_distribution.contributions_map(provinces, labels, credit, years=p.years),
    }
    io.write_figures(list(snakemake.output), drawn, dpi=p.dpi)
