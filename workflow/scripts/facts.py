"""Check the numbered claims of the source literature against the official figures."""

from shuyi import files
from shuyi.analyses.facts import register as facts_register
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    claims = facts_register.load_claims(files.read_rows(snakemake.input.claims))
    register = facts_register.check_claims(claims, records.read_panel(snakemake.input.panel))
    files.write_csv(snakemake.output[0], register.to_frame())
