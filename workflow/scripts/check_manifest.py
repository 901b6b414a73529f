"""Check the manifest against the files as they are now."""

from shuyi import files
from shuyi.pipeline import checks, records

with records.logged(snakemake.log[0]):
    outputs = {path: files.sha256(files.read_bytes(path)) for path in snakemake.input.outputs}
    inputs = {path: files.sha256(files.read_bytes(path)) for path in snakemake.input.inputs}
    manifest = files.read_json(snakemake.input.manifest)
    report = checks.require(checks.check_manifest(manifest, outputs, inputs))
    files.write_json(snakemake.output[0], report.to_record())
