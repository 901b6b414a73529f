"""Compute the frames of one analysis."""

from shuyi.pipeline import jobs, records

with records.logged(snakemake.log[0]):
    p, outputs = snakemake.params, dict(snakemake.output.items())
    jobs.analyse(p.analysis, snakemake.input, outputs, p.settings, p.subject)
