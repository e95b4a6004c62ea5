"""Nitro's CUDA engine on NumPy arrays and CUDA tensors.

    from nitro.engine import Engine
    engine = Engine("model.plan")              # of: nitro export model.onnx --plan -o model.plan
    outputs = engine.run({"image": array})     # NumPy in, NumPy out
    outputs = engine.run({"image": tensor})    # CUDA tensors in and out, without a copy

Needs the shared library nitro_engine (scripts/build.sh release nitro_engine), an NVIDIA driver and NVRTC. NumPy
arrays need the package numpy, tensors only their own library.
"""

import ctypes
import os
import pathlib
import sys

from nitro.device_array import DeviceArray, is_on_device

ALIGNMENT = 256  # of device addresses


class EngineError(Exception):
    """`code` is a word such as environment, bad_file, shape_mismatch, usage; `hint` a remedy or ""."""

    def __init__(self, code, message, hint=""):
        super().__init__(f"{message} ({hint})" if hint else message)
        self.code = code
        self.hint = hint


class _Error(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_char * 32),
        ("message", ctypes.c_char * 1024),
        ("hint", ctypes.c_char * 512),
    ]

    def exception(self):
        words = (self.code, self.message, self.hint)
        return EngineError(*(word.decode("utf-8", "replace") for word in words))


class _Options(ctypes.Structure):
    _fields_ = [("device", ctypes.c_int), ("package_folders", ctypes.c_char_p)]


class _Port(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("dtype", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("rank", ctypes.c_size_t),
        ("bytes", ctypes.c_size_t),
    ]


class Port:
    """An input or output: name, dtype (a word of Nitro), shape."""

    def __init__(self, raw):
        self.name = raw.name.decode("utf-8")
        self.dtype = raw.dtype.decode("ascii")
        self.shape = tuple(raw.shape[i] for i in range(raw.rank))
        self.bytes = raw.bytes

    def __repr__(self):
        return f"{self.name}: {self.dtype}{list(self.shape)}"


NUMPY_NAMES = {
    "f32": "float32", "f16": "float16", "f64": "float64", "i8": "int8", "u8": "uint8",
    "i32": "int32", "i64": "int64", "bool": "bool",
}  # fmt: skip


def find_library():
    """$NITRO_ENGINE_LIBRARY, or the build folder of the source tree that this file is in."""
    named = os.environ.get("NITRO_ENGINE_LIBRARY")
    if named:
        return named
    root = pathlib.Path(__file__).resolve().parents[2]
    built = root / "build" / "release" / "libnitro_engine.so"
    return str(built if built.exists() else "libnitro_engine.so")


def load_library(path=None):
    """The shared library with its functions declared; EngineError where it is not there."""
    path = path or find_library()
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise EngineError(
            "environment", f"cannot load {path}: {error}",
            "build it with scripts/build.sh release nitro_engine, or name it in NITRO_ENGINE_LIBRARY",
        ) from None  # fmt: skip
    engine, error = ctypes.c_void_p, ctypes.POINTER(_Error)
    addresses = ctypes.POINTER(ctypes.c_uint64)
    pointers = ctypes.POINTER(ctypes.c_void_p)
    signatures = {
        "load": (engine, [ctypes.c_char_p, ctypes.POINTER(_Options), error]),
        "free": (None, [engine]),
        "input_count": (ctypes.c_size_t, [engine]),
        "output_count": (ctypes.c_size_t, [engine]),
        "input": (_Port, [engine, ctypes.c_size_t]),
        "output": (_Port, [engine, ctypes.c_size_t]),
        "device_name": (ctypes.c_char_p, [engine]),
        "step_count": (ctypes.c_size_t, [engine]),
        "memory_bytes": (ctypes.c_size_t, [engine]),
        "bind": (ctypes.c_int, [engine, addresses, addresses, error]),
        "run": (ctypes.c_int, [engine, ctypes.c_void_p, error]),
        "run_host": (ctypes.c_int, [engine, pointers, pointers, error]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, f"nitro_engine_{name}")
        function.restype = result
        function.argtypes = arguments
    return library


def _package_folders():
    """Folders of this Python that hold NVIDIA's packages, for NVRTC."""
    folders = [path for path in sys.path if path and os.path.isdir(os.path.join(path, "nvidia"))]
    return ":".join(folders).encode() or None


class Engine:
    """A plan on a GPU. Not for use by several threads at the same time."""

    def __init__(self, plan, device=0, library=None):
        self._engine = None
        self._library = load_library(library)
        error = _Error()
        options = _Options(device, _package_folders())
        self._engine = self._library.nitro_engine_load(
            os.fsencode(plan), ctypes.byref(options), ctypes.byref(error)
        )
        if not self._engine:
            raise error.exception()
        self.inputs = self._ports("input")
        self.outputs = self._ports("output")
        self._bound = ((0,) * len(self.inputs), (0,) * len(self.outputs))
        self._kept = ()

    def __del__(self):
        if self._engine:
            self._library.nitro_engine_free(self._engine)

    def _ports(self, word):
        count = getattr(self._library, f"nitro_engine_{word}_count")(self._engine)
        port = getattr(self._library, f"nitro_engine_{word}")
        return [Port(port(self._engine, i)) for i in range(count)]

    @property
    def device_name(self):
        return self._library.nitro_engine_device_name(self._engine).decode("utf-8", "replace")

    @property
    def step_count(self):
        return self._library.nitro_engine_step_count(self._engine)

    @property
    def memory_bytes(self):
        """Of the device: arena, constants, inputs and outputs."""
        return self._library.nitro_engine_memory_bytes(self._engine)

    def run(self, inputs, outputs=None, stream=None):
        """Runs once; returns the outputs by name.

        `inputs`: an array or tensor for each input by name; one alone may stand by itself. NumPy arrays
        are copied to and from the device. Tensors on the device (with __cuda_array_interface__ or
        __dlpack__: PyTorch, CuPy, ...) are read where they are, and the outputs are tensors of PyTorch
        unless `outputs` holds others; the work is put into `stream` (its address; default: PyTorch's
        current stream) and may go on when this returns. Tensors must be contiguous and start at a
        multiple of 256 bytes. The same memory as in the run before costs nothing; other memory, a new
        recording of the launches: reuse `outputs` in a loop.
        """
        arrays = self._by_port(inputs, self.inputs)
        if any(is_on_device(array) for array in arrays):
            return self._run_on_device(arrays, outputs, stream)
        return self._run_on_host(arrays)

    def run_again(self, stream=None):
        """Runs once more on the device, in the memory of the run before: what a loop costs the least."""
        self._call("run", ctypes.c_void_p(_torch_stream() if stream is None else stream))

    @staticmethod
    def _by_port(values, ports):
        if not isinstance(values, dict):
            if len(ports) != 1:
                raise EngineError("usage", f"name them: {', '.join(port.name for port in ports)}")
            values = {ports[0].name: values}
        names = {port.name for port in ports}
        for name in values:
            if name not in names:
                raise EngineError("usage", f"there is no '{name}', but {', '.join(sorted(names))}")
        missing = [port.name for port in ports if port.name not in values]
        if missing:
            raise EngineError("shape_mismatch", f"'{missing[0]}' is missing")
        return [values[port.name] for port in ports]

    def _run_on_host(self, arrays):
        import numpy

        sources, targets = [], []
        for port, array in zip(self.inputs, arrays):
            array = numpy.ascontiguousarray(array)
            _check(port, array.dtype.name, array.shape, NUMPY_NAMES.get(port.dtype))
            sources.append(array)
        for port in self.outputs:
            if port.dtype not in NUMPY_NAMES:
                raise EngineError("unsupported_dtype", f"NumPy has no {port.dtype} for {port.name}")
            targets.append(numpy.empty(port.shape, NUMPY_NAMES[port.dtype]))
        self._bind((0,) * len(self.inputs), (0,) * len(self.outputs))
        pointers = [
            (ctypes.c_void_p * max(1, len(list_)))(*(array.ctypes.data for array in list_))
            for list_ in (sources, targets)
        ]
        self._call("run_host", *pointers)
        return {port.name: target for port, target in zip(self.outputs, targets)}

    def _run_on_device(self, arrays, outputs, stream):
        if stream is None:
            stream = _torch_stream()
        if outputs is None:
            outputs = {port.name: _torch_empty(port, arrays[0]) for port in self.outputs}
        targets = self._by_port(outputs, self.outputs)
        views = [
            [_view(port, array, stream) for port, array in zip(ports, list_)]
            for ports, list_ in ((self.inputs, arrays), (self.outputs, targets))
        ]
        self._bind(*(tuple(view.address for view in list_) for list_ in views))
        # The launches use this memory until the next run.
        self._kept = (arrays, targets, views)
        self._call("run", ctypes.c_void_p(stream))
        return dict(zip((port.name for port in self.outputs), targets))

    def _bind(self, inputs, outputs):
        if (inputs, outputs) == self._bound:
            return
        arrays = [(ctypes.c_uint64 * max(1, len(list_)))(*list_) for list_ in (inputs, outputs)]
        self._call("bind", *arrays)
        self._bound = (inputs, outputs)

    def _call(self, name, *arguments):
        error = _Error()
        function = getattr(self._library, f"nitro_engine_{name}")
        if not function(self._engine, *arguments, ctypes.byref(error)):
            raise error.exception()


def _check(port, dtype, shape, wanted):
    if dtype != wanted or tuple(shape) != port.shape:
        raise EngineError("shape_mismatch", f"{port} was given {dtype}{list(shape)}")


def _view(port, array, stream):
    try:
        view = DeviceArray(array, stream)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        raise EngineError("usage", f"{port}: {error}") from None
    if view.dtype != port.dtype or view.shape != port.shape:
        raise EngineError("shape_mismatch", f"{port} was given {view.dtype}{list(view.shape)}")
    if view.address % ALIGNMENT:
        raise EngineError(
            "usage", f"{port}: its memory is not aligned to {ALIGNMENT} bytes", "copy it: x.clone()"
        )
    return view


def _torch_stream():
    """PyTorch's current stream; CUDA's default one where PyTorch was not imported."""
    torch = sys.modules.get("torch")
    return torch.cuda.current_stream().cuda_stream if torch else 0


def _torch_empty(port, like):
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(like, torch.Tensor):
        raise EngineError("usage", "outputs are needed where the inputs are not tensors of PyTorch")
    names = {**NUMPY_NAMES, "bf16": "bfloat16"}
    return torch.empty(port.shape, dtype=getattr(torch, names[port.dtype]), device=like.device)
