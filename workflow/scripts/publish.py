"""Print the tables and draw the figures of one analysis."""

from shuyi.pipeline import jobs, records

with records.logged(snakemake.log[0]):
    p = snakemake.params
    jobs.publish(p.analysis, snakemake.input, list(snakemake.output), p.settings, p.shared)
