"""Write what changed: against the year before, against the previous vintage, and beyond control limits."""

from shuyi import io, monitor_page, pages, report
from shuyi.data import series

with io.logged(snakemake.log[0]):
    i, p, index = snakemake.input, snakemake.params, io.read_panel(snakemake.input.index)
    figures = monitor_page.Figures(
        io.read_csv_text(i.figures),
        io.read_csv_text(i.codebook),
        series.caveats_from(io.read_csv_text(i.caveats)),
        report.vintage_of(io.read_json(i.descriptor)),
        next(map(io.read_csv_text, i.previous), None),
    )
    measured = io.read_frames(i, monitor_page.MEASURED, text=["unit"])
    sources = report.sources_of({path: io.read_bytes(path) for path in p.sources})
    labels = io.read_labels([*i.labels, *i.names], p.language)
    frames, page = monitor_page.monitor(index, measured, figures, sources, p.settings, labels)
    io.write_frames({name: snakemake.output[name] for name in frames}, frames)
    io.write_bytes(snakemake.output.html, pages.render_html(page, "monitor"))
