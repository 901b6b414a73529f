"""Write the report of a year: its numbers, its page in HTML, and its page on one sheet of PDF."""

from shuyi import files, indices
from shuyi.analyses.report import yearly
from shuyi.china import basemap, places
from shuyi.pipeline import records
from shuyi.publish import pages

with records.logged(snakemake.log[0]):
    i, o, p, read = snakemake.input, snakemake.output, snakemake.params, files.read_json
    words, names = records.read_labels(i.labels, p.language), places.PLACES.names(p.language)
    basis = yearly.Basis(
        indices.load_scheme(files.read_yaml(i.scheme), files.read_yaml(i.schema)), files.read_csv(i.weights),
        yearly.vintage_of(read(i.descriptor)), yearly.sources_of(records.contents(p.sources)),
        p.settings | {"told": read(i.told)}, basemap.provinces_basemap(p.approval, words.text("map.source")),
    )  # fmt: skip
    measured, index = records.read_frames(i, yearly.MEASURED), records.read_panel(i.index)
    table, page = yearly.yearly_report(int(p.year), index, measured, basis, words, names)
    files.write_csv(o.csv, table)
    files.write_files({o.html: pages.render_html(page, "report"), o.pdf: pages.render_pdf(page)})
