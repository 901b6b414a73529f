"""Draw the spillover ledger on maps, the matrix of effects, and the indirect effect by weights."""

from shuyi import figures_measurement, io, maps, maps_measurement, provinces

with io.logged(snakemake.log[0]):
    p, source = snakemake.params, snakemake.input
    labels = io.read_labels(source.labels, p.language)
    credit = maps.MapCredit(p.approval_number, labels.text("map.source"))
    names, words = provinces.display_names(p.language), {"term": labels.term(p.term)}
    ledger, outcome = io.read_csv(source.ledger, text=["unit"]), labels.term(p.outcome)
    matrix = io.read_csv(source.matrix, text=["receiver", "sender"])
    verdicts = io.read_csv(source.verdicts, text=["verdict"])
    figures = {
        "ledger_map": maps_measurement.ledger_map(ledger, labels, credit, **words, outcome=outcome),
        "effect_matrix": figures_measurement.matrix_figure(matrix, ledger, labels, names, outcome),
        "indirect_by_weights": figures_measurement.indirect_figure(verdicts, labels, **words, level=p.level),
    }
    io.write_figures(list(snakemake.output), figures, dpi=p.dpi)
