"""Write the answer of the paper in both languages."""

from shuyi import files
from shuyi.analyses.robustness.answer import LANGUAGES, answer
from shuyi.china.places import PLACES
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    i, o, p = snakemake.input, snakemake.output, snakemake.params
    frames = records.read_frames(i, p.frames)
    words = {name: records.read_labels(i.words, name).with_units(PLACES.names(name)) for name in LANGUAGES}
    effects, told = records.read_frame(i.headline), files.read_json(i.told)
    found = answer(frames, effects, told, p.headline, words, records.read_frame(i.tests))
    files.write_json(o.data, found.to_dict())
    files.write_text(o.text, found.both())
