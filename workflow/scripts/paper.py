"""Typeset the paper as PDF and Word."""

from shuyi import files
from shuyi.analyses.paper.values import paper_values
from shuyi.pipeline import jobs, records, subject
from shuyi.publish import paper

with records.logged(snakemake.log[0]):
    i, o, p = snakemake.input, snakemake.output, snakemake.params
    names = subject.places_of(p.subject).names(p.language)
    labels = subject.read_words(i.words, p.language, p.subject, p.numbers).with_units(names)
    frames = {name: jobs.InputFiles(paths, p.subject) for name, paths in p.settings["frames"].items()}
    values = paper_values(jobs.InputFiles(dict(i.items()), p.subject), frames, p.settings, labels)
    shown = {kind: records.by_stem(i[kind]) for kind in ("tables", "figures", "documents", "pictures")}
    parts = paper.Parts(
        files.read_text(i.template), values, *map(files.read_bytes, [i.bibliography, *i.style]), **shown
    )
    files.write_bytes(o.pdf, paper.render_pdf(parts))
    files.write_bytes(o.docx, paper.render_docx(parts))
    files.write_json(o.values, values)
