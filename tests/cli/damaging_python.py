"""Writes a Python for runners whose ONNX Runtime damages the weights of rewritten models."""

import sys

SCRIPT = """#!{python}
import os, runpy, sys
import numpy, onnx, onnxruntime

load = onnxruntime.InferenceSession

def damaged(path, *options, **more):
    if not str(path).endswith(".opt.onnx"):
        return load(path, *options, **more)
    model = onnx.load(path)
    rng = numpy.random.default_rng(1)
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype == numpy.float32 and values.ndim > 1:
            noise = rng.standard_normal(values.shape, numpy.float32) * {noise} * values.std()
            tensor.CopyFrom(onnx.numpy_helper.from_array(values + noise, tensor.name))
    return load(model.SerializeToString(), *options, **more)

onnxruntime.InferenceSession = damaged
sys.argv = sys.argv[2:]  # without -m
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def damaging_python(path, noise):
    """`noise` is in standard deviations of each tensor of weights."""
    path.write_text(SCRIPT.format(python=sys.executable, noise=noise))
    path.chmod(0o755)
    return path
