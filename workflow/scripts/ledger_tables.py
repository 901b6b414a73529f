"""Write tables 36 to 38: the spillover ledger by province and by group, and the verdict by weights."""

from shuyi import io, provinces, tables
from shuyi.tables import spillover

with io.logged(snakemake.log[0]):
    p, source = snakemake.params, snakemake.input
    labels, options = io.read_labels(source.labels, p.language), tables.TableOptions.from_config(p.options)
    names, weights = provinces.display_names(p.language), io.read_weights(source.weights)
    notes = tables.weights_notes(p.facts["weights"], weights, labels)
    ledger, groups = io.read_csv(source.ledger, text=["unit"]), io.read_csv(source.groups)
    verdicts = io.read_csv(source.verdicts, text=["verdict", "verdict_delta", "reason"])
    made = [
        spillover.ledger_table(ledger, labels, options, facts=p.facts, names=names, notes=notes),
        spillover.ledger_groups_table(groups, labels, options, facts=p.facts, notes=notes),
        spillover.verdicts_table(verdicts, labels, options, facts=p.facts),
    ]
    io.write_tables(list(snakemake.output), made)
