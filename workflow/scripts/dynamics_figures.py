"""Draw kernel densities, conditional densities and movements in the Moran scatterplot."""

from shuyi import figures_distribution as figures
from shuyi import io, provinces

with io.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    labels, names = io.read_labels(files.labels, p.language), provinces.display_names(p.language)
    densities, conditional, vectors, sectors = io.read_frames(files, p.frames, text=["unit"]).values()
    variable = labels.term(p.variable)
    drawn = {
        "kernel_densities": figures.kernel_densities(densities, labels, variable=variable),
        "conditional_densities": figures.conditional_densities(conditional, labels, variable=variable),
        "lisa_vectors": figures.lisa_vectors(vectors, sectors, labels, variable=variable, names=names),
    }
    io.write_figures(list(snakemake.output), drawn, dpi=p.dpi)
