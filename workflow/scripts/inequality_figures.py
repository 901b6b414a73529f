"""Draw inequality by year and by indicator, and map the contributions of provinces."""

from shuyi import files as shuyi_files
from shuyi import indices
from shuyi.analyses.index import tables
from shuyi.analyses.inequality import figures
from shuyi.pipeline import records
from shuyi.publish import maps

with records.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    labels = records.read_labels(files.labels, p.language)
    scheme = indices.load_scheme(shuyi_files.read_yaml(files.scheme), shuyi_files.read_yaml(files.schema))
    parts, dispersion, provinces = records.read_frames(files, p.frames, text=["unit"]).values()
    credit = maps.MapCredit(p.approval_number, labels.text("map.source"))
    titles = tables.scheme_titles(scheme, labels)
    drawn = {
        "inequality_by_year": figures.inequality_by_year(parts, labels, variables=p.variables),
        "dispersion_by_indicator": figures.dispersion_by_indicator(dispersion, labels, titles=titles),
        "contributions_map": figures.contributions_map(provinces, labels, credit, years=p.years),
    }
    records.write_figures(list(snakemake.output), drawn, dpi=p.dpi)
