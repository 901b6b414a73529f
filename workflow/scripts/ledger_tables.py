"""Write tables 36 to 38: the spillover ledger by province and by group, and the verdict by weights."""

from shuyi import files
from shuyi.analyses.ledger import tables
from shuyi.china import provinces
from shuyi.pipeline import records
from shuyi.publish import notes as publish_notes
from shuyi.publish import numbers

with records.logged(snakemake.log[0]):
    p, source = snakemake.params, snakemake.input
    labels, options = (
        records.read_labels(source.labels, p.language),
        numbers.TableOptions.from_config(p.options),
    )
    names, weights = provinces.display_names(p.language), records.read_weights(source.weights)
    notes = publish_notes.weights_notes(p.facts["weights"], weights, labels)
    ledger, groups = files.read_csv(source.ledger, text=["unit"]), files.read_csv(source.groups)
    verdicts = files.read_csv(source.verdicts, text=["verdict", "verdict_delta", "reason"])
    made = [
        tables.ledger_table(ledger, labels, options, facts=p.facts, names=names, notes=notes),
        tables.ledger_groups_table(groups, labels, options, facts=p.facts, notes=notes),
        tables.verdicts_table(verdicts, labels, options, facts=p.facts),
    ]
    records.write_tables(list(snakemake.output), made)
