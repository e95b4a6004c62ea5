"""Small data sets and models for the tests of `nitro eval`."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image


def save_image(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def save_array(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, values)
    return path


def model(path, nodes, inputs, outputs, constants=()):
    value = lambda item: helper.make_tensor_value_info(item[0], TensorProto.FLOAT, item[1])
    graph = helper.make_graph(nodes, "m", [*map(value, inputs)], [*map(value, outputs)],
                              [numpy_helper.from_array(array, name) for name, array in constants])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
              path)
    return path


def identity_model(path, dim, batch=1):
    """Hands on what it is given, so that embeddings can be chosen as .npy files."""
    return model(path, [helper.make_node("Identity", ["x"], ["y"])], [("x", [batch, dim])],
                 [("y", [batch, dim])])


def mean_colour_model(path, batch=1, size=8, noise=0.0, seed=1):
    """An embedding of the mean colour: red, green and blue are far apart."""
    matrix = np.eye(3, dtype=np.float32)
    matrix += noise * np.random.default_rng(seed).standard_normal((3, 3)).astype(np.float32)
    nodes = [helper.make_node("ReduceMean", ["image"], ["mean"], axes=[2, 3], keepdims=0),
             helper.make_node("MatMul", ["mean", "matrix"], ["y"])]
    return model(path, nodes, [("image", [batch, 3, size, size])], [("y", [batch, 3])],
                 [("matrix", matrix)])


def pair_model(path, size=8):
    """A batch over modalities as `nitro optimize` makes it: rgb, and depth as one channel."""
    nodes = [helper.make_node("ReduceMean", ["rgb"], ["y.rgb"], axes=[2, 3], keepdims=0),
             helper.make_node("Expand", ["depth", "shape"], ["wide"]),
             helper.make_node("ReduceMean", ["wide"], ["y.depth"], axes=[2, 3], keepdims=0)]
    return model(path, nodes, [("rgb", [1, 3, size, size]), ("depth", [1, 1, size, size])],
                 [("y.rgb", [1, 3]), ("y.depth", [1, 3])],
                 [("shape", np.array([1, 3, size, size]))])


COLOURS = {"blue": (20, 20, 235), "green": (20, 235, 20), "red": (235, 20, 20)}


def colour_folder(root, count=6, size=12, modality="rgb", seed=3):
    """`count` noisy images of each colour."""
    rng = np.random.default_rng(seed)
    for name, colour in COLOURS.items():
        for i in range(count):
            noise = rng.integers(-20, 20, (size, size + i, 3))
            save_image(root / modality / name / f"{i:03}.png",
                       np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8))
    return root


def colour_text(folder):
    """Prompts' embeddings along the colours, as means and deviations of ImageNet leave them."""
    rows = np.array([[-2.0, -1.9, 2.3], [-2.0, 2.0, -1.7], [1.9, -1.9, -1.7]], np.float32)
    (folder / "classes.txt").write_text("".join(name + "\n" for name in COLOURS))
    np.save(folder / "text.npy", rows)
    return ["--text", folder / "text.npy", "--classes", folder / "classes.txt"]
