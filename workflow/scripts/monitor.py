"""Write what changed: against the year before, against the previous vintage, and beyond control limits."""

from shuyi import files
from shuyi.analyses.report import monitor, yearly
from shuyi.china.places import PLACES
from shuyi.data import series
from shuyi.pipeline import records
from shuyi.publish import pages

with records.logged(snakemake.log[0]):
    i, p, index = snakemake.input, snakemake.params, records.read_panel(snakemake.input.index)
    figures = monitor.Figures(
        files.read_csv_text(i.figures),
        files.read_csv_text(i.codebook),
        series.caveats_from(files.read_csv_text(i.caveats), PLACES.codes),
        yearly.vintage_of(files.read_json(i.descriptor)),
        next(map(files.read_csv_text, i.previous), None),
    )
    measured = records.read_frames(i, monitor.MEASURED)
    sources = yearly.sources_of({path: files.read_bytes(path) for path in p.sources})
    labels = records.read_labels(i.labels, p.language)
    names = PLACES.names(p.language)
    frames, page = monitor.monitor(index, measured, figures, sources, p.settings, labels, names)
    records.write_frames({name: snakemake.output[name] for name in frames}, frames)
    files.write_bytes(snakemake.output.html, pages.render_html(page, "monitor"))
