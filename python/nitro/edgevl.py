"""Turns EdgeVL's training checkpoints into safetensors files for `nitro zoo export --weights`."""

import argparse
import json
import os
import pickle
import re
import sys
import tempfile

BAD_INPUT = 3
ENVIRONMENT = 4

# PyTorch below 2.6 can execute code from a checkpoint even with weights_only=True (CVE-2025-32434).
SAFE_TORCH = (2, 6)
WRAPPERS = ("model", "state_dict", "student")
PREFIXES = ("module.", "student.", "model.", "_orig_mod.")
UNUSED_SCALARS = ("weight_rgb", "weight_depth", "cross_weight", "ctrs_weight")
BUFFERS = ("relative_position_index", "relative_coords_table", "attn_mask")


class ConversionError(Exception):
    """A failure with the exit code and the remedy that the user is told."""

    def __init__(self, exit_code: int, message: str, hint: str = ""):
        super().__init__(message)
        self.exit_code = exit_code
        self.hint = hint


def load_torch():
    """The torch module, of a version that never executes code from a checkpoint."""
    try:
        import torch
    except ImportError:
        raise ConversionError(ENVIRONMENT, "PyTorch is not installed",
                              "pip install 'torch>=2.6'") from None
    version = tuple(int(part) for part in torch.__version__.split("+")[0].split(".")[:2])
    if version < SAFE_TORCH:
        raise ConversionError(
            ENVIRONMENT, f"PyTorch {torch.__version__} can execute code hidden in a checkpoint",
            "pip install 'torch>=2.6'")
    return torch


def read_checkpoint(path: str) -> dict:
    """The content of a checkpoint, which may hold tensors and plain containers only."""
    torch = load_torch()
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ConversionError(BAD_INPUT, f"cannot read '{path}': {error.strerror}") from None
    except pickle.UnpicklingError as error:
        raise unpickling_error(path, str(error)) from None
    except Exception as error:  # torch raises a dozen types on damaged files
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ConversionError(BAD_INPUT, f"'{path}' is no PyTorch checkpoint: {reason}") from None


def unpickling_error(path: str, reason: str) -> ConversionError:
    """Says what torch refused, without torch's advice to execute the file's code."""
    refused = re.search(r"GLOBAL (\S+)", reason)
    if not refused:
        return ConversionError(BAD_INPUT, f"'{path}' is no PyTorch checkpoint, or damaged")
    return ConversionError(
        BAD_INPUT, f"'{path}' asks for the Python object {refused[1]!a}, and Nitro executes no code",
        "where you trust the file, save model.state_dict() alone and convert that")


def find_state(checkpoint) -> dict:
    """The state_dict inside the wrappers that training scripts put around it."""
    torch = load_torch()
    while isinstance(checkpoint, dict):
        if any(isinstance(value, torch.Tensor) for value in checkpoint.values()):
            return {name: value for name, value in checkpoint.items()
                    if isinstance(name, str) and isinstance(value, torch.Tensor)}
        inner = [checkpoint[name] for name in WRAPPERS if isinstance(checkpoint.get(name), dict)]
        if not inner:
            break
        checkpoint = inner[0]
    raise ConversionError(BAD_INPUT, "the checkpoint holds no state_dict")


def without_prefixes(state: dict) -> dict:
    """`state` without the prefixes that all of its names share."""
    while state:
        shared = [prefix for prefix in PREFIXES if all(name.startswith(prefix) for name in state)]
        if not shared:
            break
        state = {name[len(shared[0]):]: value for name, value in state.items()}
    return state


def reason_to_drop(name: str) -> str:
    """Why inference does not need the tensor `name`; "" if it does."""
    last = name.rsplit(".", 1)[-1]
    if last in UNUSED_SCALARS:
        return "unused scalars"
    if last in BUFFERS:
        return "buffers that follow from the architecture"
    if last == "_amax" or "_quantizer." in name or ".q_w_" in name:
        return "ranges of quantisers"
    return ""


def select(state: dict) -> tuple[dict, dict]:
    """The parameters as contiguous float tensors, and the names dropped by reason."""
    kept, dropped = {}, {}
    for name, value in state.items():
        reason = reason_to_drop(name)
        if reason:
            dropped.setdefault(reason, []).append(name)
        elif value.is_floating_point():
            kept[name] = as_stored(value)
        else:
            raise ConversionError(BAD_INPUT, f"tensor '{name}' is {value.dtype}, not a float type")
    if not kept:
        raise ConversionError(BAD_INPUT, "the checkpoint holds no parameters")
    return kept, dropped


def as_stored(value):
    torch = load_torch()
    kept = (torch.float32, torch.float16, torch.bfloat16)
    value = value.detach().cpu()
    return (value if value.dtype in kept else value.to(torch.float32)).contiguous()


def write_safetensors(path: str, tensors: dict) -> None:
    """Writes f32, f16 and bf16 tensors so that `path` is at any moment absent, old or complete."""
    torch = load_torch()
    words = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}
    header, end = {}, 0
    for name, value in sorted(tensors.items()):
        begin, end = end, end + value.numel() * value.element_size()
        header[name] = {"dtype": words[value.dtype], "shape": list(value.shape),
                        "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    folder = os.path.dirname(os.path.abspath(path))
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".nitro-", delete=False) as file:
        try:
            file.write(len(text).to_bytes(8, "little") + text)
            for _, value in sorted(tensors.items()):
                file.write(value.reshape(-1).view(torch.uint8).numpy().data)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def convert(source: str, target: str) -> None:
    """Converts one checkpoint; what was left out is told on stderr."""
    kept, dropped = select(without_prefixes(find_state(read_checkpoint(source))))
    try:
        write_safetensors(target, kept)
    except OSError as error:
        raise ConversionError(BAD_INPUT, f"cannot write '{target}': {error.strerror}") from None
    count = sum(value.numel() for value in kept.values())
    print(f"{len(kept)} tensors, {count / 1e6:.2f} M parameters -> {target}", file=sys.stderr)
    for reason, names in dropped.items():
        print(f"left out {len(names)} {reason}: {', '.join(names[:3])}{', …' * (len(names) > 3)}",
              file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m nitro.edgevl", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("convert", help="checkpoint.pth to safetensors, executing no code")
    command.add_argument("checkpoint")
    command.add_argument("output")
    parsed = parser.parse_args(arguments)
    try:
        convert(parsed.checkpoint, parsed.output)
    except ConversionError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
