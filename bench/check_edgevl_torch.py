"""Compares the PyTorch models with ONNX Runtime on the zoo's ONNX files, in fp32 on the CPU."""

import numpy
import onnxruntime
import torch

import edgevl_torch

TOLERANCE = 1e-4


def equal(model, path, batch):
    """Prints the largest difference for each form of attention. Whether all are small enough."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    image = numpy.random.default_rng(batch).standard_normal(
        (batch, 3, edgevl_torch.IMAGE, edgevl_torch.IMAGE), numpy.float32)
    expected = session.run(None, {"image": image})[0]
    same = True
    for attention in edgevl_torch.ATTENTION:
        with torch.inference_mode():
            output = edgevl_torch.load(model, attention, path)(torch.from_numpy(image)).numpy()
        difference = float(numpy.abs(output - expected).max())
        same &= difference <= TOLERANCE
        print(f"{model} batch {batch} {attention}: largest difference {difference:.2e} of "
              f"{numpy.abs(expected).max():.2f}", flush=True)
    return same
