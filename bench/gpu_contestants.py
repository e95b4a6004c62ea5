"""Ways to run a model of the zoo on a GPU in fp16, each as a Contestant."""

import dataclasses
import pathlib

import numpy
import torch

import edgevl_torch
from gpu_floor import captured
from gpu_timing import Contestant


class Absent(Exception):
    """The backend is not installed here."""


@dataclasses.dataclass
class Task:
    """One model and batch. `image` is f32 on the device and holds values that f16 has."""

    model: str
    onnx: pathlib.Path
    plan: pathlib.Path  # what Nitro runs
    image: torch.Tensor
    stream: torch.cuda.Stream

    @property
    def half_image(self):
        return self.image.half()

    def torch_model(self, attention, dtype=torch.float16):
        model = edgevl_torch.load(self.model, attention, self.onnx)
        return model.to(self.image.device, dtype)

    def empty_output(self, dtype):
        return torch.empty(len(self.image), edgevl_torch.EMBEDDING, dtype=dtype,
                           device=self.image.device)


def on_host(tensor):
    return tensor.float().cpu().numpy()


def nitro(task):
    try:
        from nitro.engine import Engine
    except ImportError as error:
        raise Absent(f"nitro.engine: {error}") from None
    engine = Engine(task.plan)
    output = task.empty_output(torch.float32)
    engine.run({"image": task.image}, {"embedding": output}, task.stream.cuda_stream)
    return Contestant("nitro", lambda stream: engine.run_again(stream.cuda_stream),
                      lambda: on_host(output), engine.step_count)


def repeated(name, run, image):
    """A contestant that calls `run(image)` and keeps what it returned last."""
    last = None

    def launch(_):
        nonlocal last
        last = run(image)

    return Contestant(name, launch, lambda: on_host(last))


def eager(task, attention):
    return repeated("", task.torch_model(attention), task.half_image)


def graph(task, attention):
    model, image = task.torch_model(attention), task.half_image
    output = None

    def run():
        nonlocal output
        output = model(image)

    replayed = captured(task.stream, run)
    # The graph reads the model's memory: `model` must live as long.
    return Contestant("", lambda _, model=model: replayed.replay(), lambda: on_host(output))


def compiled(task, attention, mode):
    model = torch.compile(task.torch_model(attention), mode=mode, dynamic=False, fullgraph=True)
    image = task.half_image

    def run(x):
        torch.compiler.cudagraph_mark_step_begin()  # the last output may be overwritten
        return model(x)

    for _ in range(4):  # compiles, then records its CUDA graphs
        run(image)
    return repeated("", run, image)


def half_onnx(path):
    """The ONNX file with all of its values in f16, inputs and outputs too: bytes."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    model = convert_float_to_float16(onnx.load(path), disable_shape_infer=False)
    return model.SerializeToString()


def onnxruntime_cuda(task):
    """ONNX Runtime in a CUDA graph of its own."""
    try:
        import onnxruntime
    except ImportError as error:
        raise Absent(f"onnxruntime: {error}") from None
    provider = "CUDAExecutionProvider"
    if provider not in onnxruntime.get_available_providers():
        raise Absent(f"onnxruntime {onnxruntime.__version__} has no {provider}")
    options = {"enable_cuda_graph": "1", "user_compute_stream": str(task.stream.cuda_stream)}
    session = onnxruntime.InferenceSession(half_onnx(task.onnx), providers=[(provider, options)])
    image, output = task.half_image, task.empty_output(torch.float16)
    binding = session.io_binding()
    half = numpy.float16
    binding.bind_input("image", "cuda", 0, half, tuple(image.shape), image.data_ptr())
    binding.bind_output("embedding", "cuda", 0, half, tuple(output.shape), output.data_ptr())
    run_options = onnxruntime.RunOptions()
    run_options.add_run_config_entry("disable_synchronize_execution_providers", "1")

    def launch(_):
        session.run_with_iobinding(binding, run_options)

    def read():
        assert image is not None  # its memory is bound
        return on_host(output)

    return Contestant("", launch, read)


def tensorrt_engine(trt, task):
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    # Releases that have no FP16 flag take the precision from the types in the file.
    flags = trt.BuilderFlag
    typed = not hasattr(flags, "FP16")
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(half_onnx(task.onnx) if typed else task.onnx.read_bytes()):
        raise RuntimeError(f"TensorRT: {parser.get_error(0)}")
    config = builder.create_builder_config()
    if not typed:
        config.set_flag(flags.FP16)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise RuntimeError("TensorRT built no engine")
    return trt.Runtime(logger).deserialize_cuda_engine(plan)


def tensorrt(task):
    """TensorRT in a CUDA graph."""
    try:
        import tensorrt as trt
    except ImportError as error:
        raise Absent(f"tensorrt: {error}") from None
    engine = tensorrt_engine(trt, task)
    context = engine.create_execution_context()
    types = {trt.float32: torch.float32, trt.float16: torch.float16}
    image = task.image.to(types[engine.get_tensor_dtype("image")])
    output = task.empty_output(types[engine.get_tensor_dtype("embedding")])
    context.set_tensor_address("image", image.data_ptr())
    context.set_tensor_address("embedding", output.data_ptr())
    replayed = captured(task.stream, lambda: context.execute_async_v3(task.stream.cuda_stream))

    def launch(_):
        assert engine is not None and image is not None  # the graph uses them
        replayed.replay()

    return Contestant("", launch, lambda: on_host(output))


TORCH = {
    "eager": eager,
    "graph": graph,
    "reduce-overhead": lambda task, attention: compiled(task, attention, "reduce-overhead"),
    "max-autotune": lambda task, attention: compiled(task, attention, "max-autotune"),
}
OTHERS = {"nitro": nitro, "onnxruntime": onnxruntime_cuda, "tensorrt": tensorrt}
SLOW = ("max-autotune",)  # minutes to prepare


def names(model):
    """All contestants for a model, the quickest to prepare first. Swin's attention has two usual
    forms and each runs; that of a ViT is always scaled_dot_product_attention."""
    forms = edgevl_torch.ATTENTION if "swin" in model else ("fused",)
    ways = [f"{way} {form}" for way in TORCH for form in forms]
    quick = [way for way in ways if not way.startswith(SLOW)]
    return ["nitro", *quick[:2 * len(forms)], "onnxruntime", "tensorrt", *quick[2 * len(forms):],
            *(way for way in ways if way.startswith(SLOW))]


def prepare(name, task):
    """The contestant called `name`, ready to be timed. task.stream must be current."""
    way, _, form = name.partition(" ")
    contestant = TORCH[way](task, form) if form else OTHERS[way](task)
    contestant.name = name
    return contestant


def reference(task):
    """The embedding in fp32, and the model that made it."""
    model = task.torch_model("explicit", torch.float32)
    return model, on_host(model(task.image))
