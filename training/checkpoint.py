"""What a run needs to go on, in one safetensors file: tensors, and a JSON text in its metadata."""

import json
import os
import pathlib
import tempfile

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from training.errors import BAD_INPUT, TrainingError

STATE = "state"


def write(path: pathlib.Path, tensors: dict[str, torch.Tensor], state: dict) -> None:
    """Writes `path`, which at any moment is absent, old or complete."""
    kept = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    os.close(handle)
    try:
        save_file(kept, scratch, metadata={STATE: json.dumps(state)})
        os.chmod(scratch, 0o644)
        with open(scratch, "rb") as file:
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except BaseException:
        os.unlink(scratch)
        raise


def read(path: pathlib.Path) -> tuple[dict[str, torch.Tensor], dict]:
    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
            return tensors, json.loads((file.metadata() or {}).get(STATE, "{}"))
    except (SafetensorError, ValueError) as error:
        raise TrainingError(BAD_INPUT, f"'{path}' is no checkpoint: {error}",
                            "remove it to begin its stage again") from None


def optimizer_tensors(model: torch.nn.Module,
                      optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """The optimizer's state as KEY/PARAMETER."""
    return {f"{key}/{name}": value for name, parameter in model.named_parameters()
            for key, value in optimizer.state.get(parameter, {}).items()}


def restore(model: torch.nn.Module, optimizer: torch.optim.Optimizer,
            tensors: dict[str, torch.Tensor]) -> None:
    """Gives both what `tensors` hold: the model's state, and the optimizer's as KEY/PARAMETER."""
    model.load_state_dict({name: value for name, value in tensors.items() if "/" not in name})
    parameters = dict(model.named_parameters())
    for name, value in tensors.items():
        if "/" in name:
            key, parameter = name.split("/")
            where = parameters[parameter]
            device = "cpu" if key == "step" and not optimizer.defaults["fused"] else where.device
            optimizer.state[where][key] = value.to(device)
