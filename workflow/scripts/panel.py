"""Compute the digital development index and join it to the clean panel."""

from shuyi import files, indices
from shuyi.pipeline import records, subject

with records.logged(snakemake.log[0]):
    i, o, p = snakemake.input, snakemake.output, snakemake.params
    known = subject.derivations_of(p.subject)
    scheme = indices.load_scheme(files.read_yaml(i.scheme), files.read_yaml(i.schema))
    shared = indices.check_scheme(scheme, p.variables, p.outcomes, known, denominators=p.shared_denominators)
    caveats = records.read_caveats(i.caveats, subject.places_of(p.subject).codes)
    panel = records.read_panel(i.panel)
    index = indices.compute_index(scheme, panel, weighting=p.weighting, caveats=caveats, derivations=known)
    joined = panel.join(index.to_panel())
    records.write_panel(o.index, index.to_panel())
    records.write_panel(o.panel, joined)
    frames = [index.scores_frame(), index.weights_frame(), joined.to_frame().reset_index()]
    records.write_csvs([o.scores, o.weights, o.csv], frames)
    files.write_json(o.about, {**index.to_record(), "shared_denominators": shared})
