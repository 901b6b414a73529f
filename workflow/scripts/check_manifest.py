"""Check the manifest against the files as they are now."""

from shuyi import checks, io, provenance

with io.logged(snakemake.log[0]):
    outputs = {path: provenance.sha256(io.read_bytes(path)) for path in snakemake.input.outputs}
    inputs = {path: provenance.sha256(io.read_bytes(path)) for path in snakemake.input.inputs}
    manifest = io.read_json(snakemake.input.manifest)
    report = checks.require(checks.check_manifest(manifest, outputs, inputs))
    io.write_json(snakemake.output[0], report.to_record())
