"""Write the first page of the run."""

from shuyi import files
from shuyi.pipeline import contents, records
from shuyi.publish.contents import render_contents

with records.logged(snakemake.log[0]):
    i, p = snakemake.input, snakemake.params
    labels = records.read_labels(i.words, p.language, p.numbers)
    answers = [files.read_json(path)["text"][p.language] for path in i.answer]
    checks = {path: files.read_json(path) for path in i.checks}
    page = contents.contents(p.settings, "".join(answers), checks, labels)
    files.write_bytes(snakemake.output[0], render_contents(page))
