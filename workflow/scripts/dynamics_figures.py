"""Draw kernel densities, conditional densities and movements in the Moran scatterplot."""

from shuyi.analyses.dynamics import figures
from shuyi.china import provinces
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    labels, names = records.read_labels(files.labels, p.language), provinces.display_names(p.language)
    densities, conditional, vectors, sectors = records.read_frames(files, p.frames, text=["unit"]).values()
    variable = labels.term(p.variable)
    drawn = {
        "kernel_densities": figures.kernel_densities(densities, labels, variable=variable),
        "conditional_densities": figures.conditional_densities(conditional, labels, variable=variable),
        "lisa_vectors": figures.lisa_vectors(vectors, sectors, labels, variable=variable, names=names),
    }
    records.write_figures(list(snakemake.output), drawn, dpi=p.dpi)
