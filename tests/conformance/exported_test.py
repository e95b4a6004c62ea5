"""Checks the models that Nitro exports from the conformance cases: onnx.checker accepts each, and
onnxruntime computes from it what the case asks for.

    python exported_test.py NITRO_CONFORMANCE_TEST MANIFEST SUITE

SUITE is the folder of the cases. Exit 77: onnx or the cases are missing.
"""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    from onnx import numpy_helper
except ImportError:
    sys.exit(77)
try:
    import onnxruntime
except ImportError:
    onnxruntime = None

RUNS_WITHOUT = ("NOT_IMPLEMENTED", "not implemented", "No Op registered")
# onnxruntime computes these otherwise than the suite asks for, from the original model too.
DIFFERS = ("test_resize_downsample_scales_cubic_align_corners", "test_resize_downsample_scales_linear_align_corners")


def tensor_in(path):
    return numpy_helper.to_array(onnx.load_tensor(str(path)))


def difference(model, case):
    """What onnxruntime computes otherwise than the case asks for: "" for nothing, None where it lacks
    an operator."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    except Exception as error:
        if any(text in str(error) for text in RUNS_WITHOUT):
            return None
        return f"does not load: {error}"
    original = onnx.load(case / "model.onnx").graph
    data = case / "test_data_set_0"
    given = {value.name: data / f"input_{i}.pb" for i, value in enumerate(original.input)}
    feeds = {value.name: tensor_in(given[value.name]) for value in session.get_inputs()}
    outputs = session.run(None, feeds)
    for i, output in enumerate(outputs):
        wanted = tensor_in(data / f"output_{i}.pb")
        if output.shape != wanted.shape:
            return f"output {i} has shape {output.shape} instead of {wanted.shape}"
        if not np.allclose(output, wanted, rtol=1e-3, atol=1e-6, equal_nan=True):
            return f"output {i} differs"
    return ""


def main(runner, manifest, suite):
    suite = pathlib.Path(suite) / "node"
    if not suite.is_dir():
        return 77
    failures = []
    computed = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([runner, manifest, "--exported", folder], check=True)
        paths = sorted(pathlib.Path(folder).glob("*.onnx"))
        for path in paths:
            model = onnx.load(path)
            try:
                onnx.checker.check_model(model)
            except onnx.checker.ValidationError as error:
                failures.append(f"{path.stem}: {str(error).splitlines()[0]}")
                continue
            case = suite / path.stem
            if onnxruntime and case.is_dir() and path.stem not in DIFFERS and "BFLOAT16" not in path.stem:
                try:
                    wrong = difference(model, case)
                except Exception as error:
                    wrong = f"does not run: {error}"
                computed += wrong == ""
                if wrong:
                    failures.append(f"{path.stem}: {wrong}")
    print(*failures, f"{len(paths)} exported models, {len(failures)} refused, {computed} computed by onnxruntime", sep="\n")
    return 1 if failures or not paths else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
