"""Runner for ONNX Runtime: `python -m nitro.runners.ort`."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy
import onnxruntime

from nitro.runners import ort_profile, protocol
from nitro.runners.backend import Backend, Session
from nitro.runners.errors import RunnerError

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
LEVELS = {
    "all": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
    "extended": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    "basic": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "none": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
}
DTYPES = {
    "tensor(float16)": "f16",
    "tensor(bfloat16)": "bf16",
    "tensor(float)": "f32",
    "tensor(double)": "f64",
    "tensor(int8)": "i8",
    "tensor(uint8)": "u8",
    "tensor(int32)": "i32",
    "tensor(int64)": "i64",
    "tensor(bool)": "bool",
}
ERRORS = (  # in the text of an ONNX Runtime exception -> code of the protocol
    ("NOT_IMPLEMENTED", "unsupported_op"),
    ("INVALID_PROTOBUF", "bad_file"),
    ("NO_SUCHFILE", "bad_file"),
    ("INVALID_GRAPH", "bad_model"),
    ("This is an invalid model", "bad_model"),
    ("Failed to allocate memory", "out_of_memory"),
    ("INVALID_ARGUMENT", "shape_mismatch"),
)


def session_options(options: dict) -> onnxruntime.SessionOptions:
    """The options that every session of a model shares: those timed and those profiled."""
    result = onnxruntime.SessionOptions()
    result.intra_op_num_threads = options["threads"]
    result.inter_op_num_threads = 1
    result.graph_optimization_level = LEVELS[options["graph_level"]]
    result.log_severity_level = 3
    if not options["spin"]:
        result.add_session_config_entry("session.force_spinning_stop", "1")
    return result


def providers_of(options: dict) -> list[str]:
    """Provider names for a session, the CPU last as the fallback."""
    provider = PROVIDERS.get(options["provider"])
    if provider is None:
        raise RunnerError("usage", f"provider is one of {', '.join(PROVIDERS)}")
    if provider not in onnxruntime.get_available_providers():
        raise RunnerError(
            "environment",
            f"this onnxruntime has no {provider}",
            "pip install onnxruntime-gpu into the Python of the runner",
        )
    cpu = PROVIDERS["cpu"]
    return [provider] if provider == cpu else [provider, cpu]


def translated(error: Exception) -> RunnerError:
    """An ONNX Runtime exception as an error of the protocol."""
    text = " ".join(str(error).split())
    for mark, code in ERRORS:
        if mark in text:
            return RunnerError(code, f"ONNX Runtime: {text}")
    return RunnerError("runner_failed", f"ONNX Runtime: {text}")


def _specs(arguments: list) -> list[dict]:
    return [
        {"name": a.name, "dtype": DTYPES.get(a.type, a.type), "shape": a.shape} for a in arguments
    ]


class OrtSession(Session):
    """A model loaded by ONNX Runtime."""

    def __init__(self, model: str, options: dict, scratch: str):
        self._model = os.path.abspath(model)
        self._options = options
        self._scratch = scratch
        self._device = options["provider"]
        providers = providers_of(options)
        try:
            self._session = onnxruntime.InferenceSession(
                self._model, session_options(options), providers=providers
            )
        except Exception as error:  # its exceptions share no base class but this one
            raise translated(error) from None
        if self._session.get_providers()[0] != providers[0]:
            raise RunnerError(
                "environment",
                f"ONNX Runtime could not start {providers[0]} and fell back to the CPU",
                "its own message is on stderr; usually a CUDA or cuDNN library is missing",
            )
        self.inputs = _specs(self._session.get_inputs())
        self.outputs = _specs(self._session.get_outputs())

    def run(self, feeds: dict[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
        try:
            arrays = self._session.run(None, feeds)
        except Exception as error:
            raise translated(error) from None
        return {spec["name"]: array for spec, array in zip(self.outputs, arrays)}

    def bind(self, feeds: dict[str, numpy.ndarray]) -> Callable[[], None]:
        session = self._session
        binding = session.io_binding()
        for name, array in feeds.items():
            binding.bind_ortvalue_input(
                name, onnxruntime.OrtValue.ortvalue_from_numpy(array, self._device, 0)
            )
        for spec in self.outputs:
            binding.bind_output(spec["name"], self._device)

        waits = self._device != "cpu"

        def execute() -> None:
            try:
                session.run_with_iobinding(binding)
                if waits:
                    binding.synchronize_outputs()
            except Exception as error:
                raise translated(error) from None

        return execute

    def profile(self, feeds: dict[str, numpy.ndarray], iterations: int) -> dict:
        try:
            return ort_profile.profile(
                self._model,
                lambda: session_options(self._options),
                providers_of(self._options),
                self._scratch,
                feeds,
                iterations,
            )
        except RunnerError:
            raise
        except Exception as error:
            raise translated(error) from None

    def close(self) -> None:
        self._session = None


class OrtBackend(Backend):
    """ONNX Runtime, CPU and CUDA."""

    name = "ort"
    capabilities = ["run", "time", "profile", "interleave"]

    def version(self) -> str:
        return onnxruntime.__version__

    def environment(self) -> dict:
        return {
            "onnxruntime": onnxruntime.__version__,
            "numpy": numpy.__version__,
            "providers": onnxruntime.get_available_providers(),
            "wait": "synchronize",
            "transfers_timed": False,
        }

    def devices(self) -> list[dict]:
        available = onnxruntime.get_available_providers()
        return [{"provider": word, "name": name} for word, name in PROVIDERS.items() if name in available]

    def load(self, model: str, options: dict, scratch: str) -> Session:
        return OrtSession(model, options, scratch)


if __name__ == "__main__":
    protocol.serve(OrtBackend())
