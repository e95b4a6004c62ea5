"""An ONNX model as a PyTorch module that can be trained and written back."""

import pathlib
from collections.abc import Callable

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

from training.errors import BAD_INPUT, TrainingError

Run = Callable[[list, dict], torch.Tensor | list[torch.Tensor]]


def conv(x: list, a: dict) -> torch.Tensor:
    pads = a.get("pads", [0] * 2 * (x[0].ndim - 2))
    half = len(pads) // 2
    if any(pads):
        sides = zip(reversed(pads[:half]), reversed(pads[half:]), strict=True)
        x[0] = functional.pad(x[0], [pad for side in sides for pad in side])
    return torch.conv2d(x[0], x[1], x[2] if len(x) > 2 else None, a.get("strides", 1), 0,
                        a.get("dilations", 1), a.get("group", 1))


def gemm(x: list, a: dict) -> torch.Tensor:
    left = x[0].T if a.get("transA") else x[0]
    product = a.get("alpha", 1.0) * (left @ (x[1].T if a.get("transB") else x[1]))
    return product + a.get("beta", 1.0) * x[2] if len(x) > 2 else product


def layer_norm(x: list, a: dict) -> torch.Tensor:
    shape = x[0].shape[a.get("axis", -1):]
    return functional.layer_norm(x[0], shape, x[1], x[2] if len(x) > 2 else None,
                                 a.get("epsilon", 1e-5))


def reshape(x: list, a: dict) -> torch.Tensor:
    shape = [x[0].shape[i] if size == 0 and not a.get("allowzero") else size
             for i, size in enumerate(x[1].tolist())]
    return x[0].reshape(shape)


def gather(x: list, a: dict) -> torch.Tensor:
    axis = a.get("axis", 0) % x[0].ndim
    indices = x[1].to(x[0].device) % x[0].shape[axis]  # from the end where negative
    picked = x[0].index_select(axis, indices.flatten())
    return picked.reshape(*x[0].shape[:axis], *indices.shape, *x[0].shape[axis + 1:])


def slice_(x: list, _: dict) -> torch.Tensor:
    starts, ends = x[1].tolist(), x[2].tolist()
    axes = x[3].tolist() if len(x) > 3 else range(len(starts))
    steps = x[4].tolist() if len(x) > 4 else [1] * len(starts)
    index = [slice(None)] * x[0].ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        if step < 1:
            raise TrainingError(BAD_INPUT, "a Slice goes backwards")
        index[axis] = slice(start, end, step)
    return x[0][tuple(index)]


def axes_of(x: list, a: dict) -> list[int]:
    return x[1].tolist() if len(x) > 1 else list(a.get("axes", range(x[0].ndim)))


def squeeze(x: list, a: dict) -> torch.Tensor:
    return x[0].squeeze(tuple(axes_of(x, a)))


def unsqueeze(x: list, a: dict) -> torch.Tensor:
    axes = axes_of(x, a)
    rank = x[0].ndim + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        x[0] = x[0].unsqueeze(axis)
    return x[0]


def split(x: list, a: dict) -> list[torch.Tensor]:
    axis = a.get("axis", 0)
    sizes = x[1].tolist() if len(x) > 1 else a.get("split")
    return list(x[0].split(sizes or x[0].shape[axis] // a["num_outputs"], axis))


def gelu(x: list, a: dict) -> torch.Tensor:
    return functional.gelu(x[0], approximate=a.get("approximate", b"none").decode())


OPS: dict[str, Run] = {
    "Add": lambda x, _: x[0] + x[1],
    "Concat": lambda x, a: torch.cat(x, a["axis"]),
    "Conv": conv,
    "Div": lambda x, _: x[0] / x[1],
    "Erf": lambda x, _: torch.erf(x[0]),
    "Expand": lambda x, _: x[0] * x[0].new_ones(x[1].tolist()),
    "Flatten": lambda x, a: x[0].reshape(x[0].shape[:a.get("axis", 1)].numel(), -1),
    "Gather": gather,
    "Gelu": gelu,
    "Gemm": gemm,
    "GlobalAveragePool": lambda x, _: x[0].mean(tuple(range(2, x[0].ndim)), keepdim=True),
    "Identity": lambda x, _: x[0],
    "LayerNormalization": layer_norm,
    "MatMul": lambda x, _: x[0] @ x[1],
    "Mul": lambda x, _: x[0] * x[1],
    "Pow": lambda x, _: x[0] ** x[1],
    "ReduceMean": lambda x, a: x[0].mean(axes_of(x, a), keepdim=bool(a.get("keepdims", 1))),
    "Relu": lambda x, _: x[0].relu(),
    "Reshape": reshape,
    "Sigmoid": lambda x, _: x[0].sigmoid(),
    "Slice": slice_,
    "Softmax": lambda x, a: x[0].softmax(a.get("axis", -1)),
    "Split": split,
    "Sqrt": lambda x, _: x[0].sqrt(),
    "Squeeze": squeeze,
    "Sub": lambda x, _: x[0] - x[1],
    "Tanh": lambda x, _: x[0].tanh(),
    "Transpose": lambda x, a: x[0].permute(a.get("perm", list(range(x[0].ndim))[::-1])),
    "Unsqueeze": unsqueeze,
}
# The operands of each op that are parameters of a layer where they are constants.
PARAMETERS = {"MatMul": (1,), "Gemm": (1, 2), "Conv": (1, 2), "LayerNormalization": (1, 2),
              "Gather": (0,)}


def is_parameter(node: onnx.NodeProto, place: int, value: np.ndarray) -> bool:
    """Weights, biases and tables; not masks, and not the scalars of formulas."""
    vector = node.op_type in ("Add", "Mul") and value.ndim == 1
    return value.dtype == np.float32 and value.size > 1 and (
        vector or place in PARAMETERS.get(node.op_type, ()))


def key_of(name: str) -> str:
    """As PyTorch allows parameters to be called."""
    return name.replace(".", "|")


class OnnxModule(nn.Module):
    """Images f32[batch, 3, size, size] to the first output of a model of one image, [batch, n]."""

    def __init__(self, path: pathlib.Path):
        super().__init__()
        try:
            self.model = onnx.load(path)
        except Exception as error:  # protobuf has no common base for its errors
            raise TrainingError(BAD_INPUT, f"cannot read the model '{path}': {error}") from None
        graph = self.model.graph
        for node in graph.node:
            if node.op_type not in OPS or node.domain not in ("", "ai.onnx"):
                raise TrainingError(BAD_INPUT, f"'{path}' has {node.op_type}, which cannot be "
                                    "trained here", "train before the exact passes and before 8 "
                                    "bits; these come after it")
        constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        inputs = [each for each in graph.input if each.name not in constants]
        if len(inputs) != 1 or inputs[0].type.tensor_type.shape.dim[0].dim_value != 1:
            raise TrainingError(BAD_INPUT, f"'{path}' is no model of one image")
        self.input = inputs[0].name
        trained = {name for node in graph.node for place, name in enumerate(node.input)
                   if name in constants and is_parameter(node, place, constants[name])}
        self.parameters_of = nn.ParameterDict(
            {key_of(name): nn.Parameter(torch.from_numpy(constants[name].copy()))
             for name in sorted(trained)})
        self.names = {key_of(name): name for name in trained}
        # Shapes and axes are read as numbers, wherever the rest is.
        self.fixed = {name: torch.from_numpy(value.copy())
                      for name, value in constants.items() if name not in trained}

    def _apply(self, fn, recurse=True):
        self.fixed = {name: fn(value) if value.is_floating_point() or value.ndim > 1 else value
                      for name, value in self.fixed.items()}
        return super()._apply(fn, recurse)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.vmap(self.one)(images[:, None])[:, 0]

    def one(self, image: torch.Tensor) -> torch.Tensor:
        values = {**self.fixed, self.input: image}
        values |= {self.names[key]: value for key, value in self.parameters_of.items()}
        for node in self.model.graph.node:
            attributes = {each.name: onnx.helper.get_attribute_value(each)
                          for each in node.attribute}
            result = OPS[node.op_type]([values[name] for name in node.input if name], attributes)
            results = result if isinstance(result, list) else [result]
            values |= zip(node.output, results, strict=False)
        return values[self.model.graph.output[0].name]

    def write(self, path: pathlib.Path) -> None:
        """The model with the parameters of now, and all else as it was."""
        for initializer in self.model.graph.initializer:
            key = key_of(initializer.name)
            if key in self.parameters_of:
                value = self.parameters_of[key].detach().cpu().numpy()
                initializer.CopyFrom(numpy_helper.from_array(value, initializer.name))
        onnx.save(self.model, path)
