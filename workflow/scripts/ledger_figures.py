"""Draw the spillover ledger on maps, the matrix of effects, and the indirect effect by weights."""

from shuyi import files
from shuyi.analyses.ledger import figures as ledger_figures
from shuyi.china import provinces
from shuyi.pipeline import records
from shuyi.publish import maps

with records.logged(snakemake.log[0]):
    p, source = snakemake.params, snakemake.input
    labels = records.read_labels(source.labels, p.language)
    credit = maps.MapCredit(p.approval_number, labels.text("map.source"))
    names, words = provinces.display_names(p.language), {"term": labels.term(p.term)}
    ledger, outcome = files.read_csv(source.ledger, text=["unit"]), labels.term(p.outcome)
    matrix = files.read_csv(source.matrix, text=["receiver", "sender"])
    verdicts = files.read_csv(source.verdicts, text=["verdict"])
    figures = {
        "ledger_map": ledger_figures.ledger_map(ledger, labels, credit, **words, outcome=outcome),
        "effect_matrix": ledger_figures.matrix_figure(matrix, ledger, labels, names, outcome),
        "indirect_by_weights": ledger_figures.indirect_figure(verdicts, labels, **words, level=p.level),
    }
    records.write_figures(list(snakemake.output), figures, dpi=p.dpi)
