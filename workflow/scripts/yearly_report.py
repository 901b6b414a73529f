"""Write the report of a year: its numbers, its page in HTML, and its page on one sheet of PDF."""

from shuyi import files, indices
from shuyi.analyses.report import yearly
from shuyi.china.basemap import provinces_basemap
from shuyi.china.places import PLACES
from shuyi.pipeline import records
from shuyi.publish import pages

with records.logged(snakemake.log[0]):
    i, p = snakemake.input, snakemake.params
    labels = records.read_labels(i.labels, p.language)
    basis = yearly.Basis(
        indices.load_scheme(files.read_yaml(i.scheme), files.read_yaml(i.schema)),
        files.read_csv(i.weights),
        yearly.vintage_of(files.read_json(i.descriptor)),
        yearly.sources_of({path: files.read_bytes(path) for path in p.sources}),
        p.settings,
        provinces_basemap(p.settings["maps"]["approval_number"], labels.text("map.source")),
    )
    measured = records.read_frames(i, yearly.MEASURED)
    index, names = records.read_panel(i.index), PLACES.names(p.language)
    table, page = yearly.yearly_report(int(p.year), index, measured, basis, labels, names)
    files.write_csv(snakemake.output.csv, table)
    files.write_bytes(snakemake.output.html, pages.render_html(page, "report"))
    files.write_bytes(snakemake.output.pdf, pages.render_pdf(page))
