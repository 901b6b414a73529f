"""The joint test of the whole specification curve: `snakemake multiverse`. Not part of the paper's run.

Chunks are jobs of their own, which any executor can distribute; draws agree between them.
"""

from shuyi.analyses.curve.settings import curve_inputs, curve_settings, has_curve

if RUN.is_on("curve") and has_curve(RUN):
    CHUNKS = range(RUN.config["curve"]["chunks"])

    wildcard_constraints:
        chunk=r"\d+",

    rule multiverse_chunk:
        input:
            **curve_inputs(RUN),
        output:
            "results/multiverse/null/{chunk}.npz",
        log:
            "results/logs/multiverse_chunk.{chunk}.log",
        conda:
            "../../environment.yml"
        params:
            settings=curve_settings(RUN),
            chunks=len(CHUNKS),
            code=code_digest(
                *("files", "pipeline.jobs", "pipeline.records", "china.places"),
                *("analyses.curve.frames", "analyses.curve.estimates"),
            ),
        script:
            "../scripts/multiverse_chunk.py"

    rule multiverse_joint:
        input:
            **curve_inputs(RUN),
            estimates="results/curve/estimates.csv",
            null=expand("results/multiverse/null/{chunk}.npz", chunk=CHUNKS),
        output:
            joint="results/multiverse/joint.csv",
            draws="results/multiverse/draws.csv",
        log:
            "results/logs/multiverse_joint.log",
        conda:
            "../../environment.yml"
        params:
            settings=curve_settings(RUN),
            code=code_digest(
                *("files", "pipeline.jobs", "pipeline.records", "china.places"),
                *("analyses.curve.frames", "analyses.curve.estimates"),
            ),
        script:
            "../scripts/multiverse_joint.py"

    rule multiverse:
        input:
            rules.multiverse_joint.output,
