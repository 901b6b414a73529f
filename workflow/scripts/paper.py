"""Typeset the paper as PDF and Word."""

from shuyi import files
from shuyi.analyses.paper.values import paper_values
from shuyi.china.places import PLACES
from shuyi.pipeline import jobs, records
from shuyi.publish import paper

with records.logged(snakemake.log[0]):
    i, o, p = snakemake.input, snakemake.output, snakemake.params
    labels = records.read_labels(i.words, p.language, p.numbers).with_units(PLACES.names(p.language))
    frames = {name: jobs.InputFiles(paths) for name, paths in p.settings["frames"].items()}
    values = paper_values(jobs.InputFiles(dict(i.items())), frames, p.settings, labels)
    shown = {kind: records.by_stem(i[kind]) for kind in ("tables", "figures", "documents", "pictures")}
    parts = paper.Parts(
        files.read_text(i.template), values, *map(files.read_bytes, [i.bibliography, *i.style]), **shown
    )
    files.write_bytes(o.pdf, paper.render_pdf(parts))
    files.write_bytes(o.docx, paper.render_docx(parts))
    files.write_json(o.values, values)
