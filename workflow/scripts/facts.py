"""Check the numbered claims of the source literature against the official figures."""

from shuyi import facts, io

with io.logged(snakemake.log[0]):
    claims = facts.load_claims(io.read_rows(snakemake.input.claims))
    register = facts.check_claims(claims, io.read_panel(snakemake.input.panel))
    io.write_csv(snakemake.output[0], register.to_frame())
