"""Write the report of a year: its numbers, its page in HTML, and its page on one sheet of PDF."""

from shuyi import files, indices
from shuyi.analyses.report import yearly
from shuyi.pipeline import records
from shuyi.publish import pages

with records.logged(snakemake.log[0]):
    i, p = snakemake.input, snakemake.params
    basis = yearly.Basis(
        indices.load_scheme(files.read_yaml(i.scheme), files.read_yaml(i.schema)),
        files.read_csv(i.weights),
        yearly.vintage_of(files.read_json(i.descriptor)),
        yearly.sources_of({path: files.read_bytes(path) for path in p.sources}),
        p.settings,
    )
    measured = records.read_frames(i, yearly.MEASURED)
    labels = records.read_labels(i.labels, p.language)
    table, page = yearly.yearly_report(int(p.year), records.read_panel(i.index), measured, basis, labels)
    files.write_csv(snakemake.output.csv, table)
    files.write_bytes(snakemake.output.html, pages.render_html(page, "report"))
    files.write_bytes(snakemake.output.pdf, pages.render_pdf(page))
