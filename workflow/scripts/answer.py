"""Write the answer of the paper in both languages."""

from shuyi import files
from shuyi.analyses.robustness.answer import LANGUAGES, answer
from shuyi.china.places import PLACES
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    i, o = snakemake.input, snakemake.output
    frames = {
        name: records.read_frame(i[name], text=["unit"]) for name in ("effects", "units", "persistence")
    }
    labels = {
        language: records.read_labels(i.words, language).with_units(PLACES.names(language))
        for language in LANGUAGES
    }
    found = answer(
        frames, records.read_frame(i.headline), files.read_json(i.told), snakemake.params.headline, labels
    )
    files.write_json(o.data, found.to_dict())
    files.write_text(o.text, found.both())
