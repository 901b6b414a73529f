"""Write what changed: against the year before, against the previous vintage, and beyond control limits."""

from shuyi import files
from shuyi.analyses.report import monitor, yearly
from shuyi.china.places import PLACES
from shuyi.data.series import caveats_from
from shuyi.pipeline import records
from shuyi.publish import pages

with records.logged(snakemake.log[0]):
    i, o, p = snakemake.input, snakemake.output, snakemake.params
    paths = i.figures, i.codebook, i.caveats, *i.previous
    printed, codebook, caveats, *earlier = map(files.read_csv_text, paths)
    known, vintage = caveats_from(caveats, PLACES.codes), yearly.vintage_of(files.read_json(i.descriptor))
    figures = monitor.Figures(printed, codebook, known, vintage, *earlier)
    measured, index = records.read_frames(i, monitor.MEASURED), records.read_panel(i.index)
    words, sources = records.read_labels(i.labels, p.language), yearly.sources_of(records.contents(p.sources))
    changed = monitor.monitor(index, measured, figures, sources, p.settings, words, PLACES.names(p.language))
    records.write_frames({name: o[name] for name in changed[0]}, changed[0])
    files.write_bytes(o.html, pages.render_html(changed[1], "monitor"))
