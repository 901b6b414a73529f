"""Write the report of a year: its numbers, its page in HTML, and its page on one sheet of PDF."""

from shuyi import indices, io, pages, report

with io.logged(snakemake.log[0]):
    i, p = snakemake.input, snakemake.params
    basis = report.Basis(
        indices.load_scheme(io.read_yaml(i.scheme), io.read_yaml(i.schema)),
        io.read_csv(i.weights),
        report.vintage_of(io.read_json(i.descriptor)),
        report.sources_of({path: io.read_bytes(path) for path in p.sources}),
        p.settings,
    )
    measured = io.read_frames(i, report.MEASURED, text=["unit"])
    labels = io.read_labels([*i.labels, *i.names], p.language)
    table, page = report.yearly_report(int(p.year), io.read_panel(i.index), measured, basis, labels)
    io.write_csv(snakemake.output.csv, table)
    io.write_bytes(snakemake.output.html, pages.render_html(page, "report"))
    io.write_bytes(snakemake.output.pdf, pages.render_pdf(page))
