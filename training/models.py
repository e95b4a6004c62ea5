"""The student and the teacher that a configuration names."""

import importlib

import torch
from torch import nn

from training.batches import seed_of
from training.config import Config
from training.errors import BAD_INPUT, TrainingError
from training.student import SwinStudent


def make_student(config: Config, embedding: int, quantised: bool) -> SwinStudent:
    torch.manual_seed(seed_of(config.seed, "student"))
    return SwinStudent(config.model.width, config.model.depths, embedding, config.data.size,
                       config.model.drop_path, quantised)


def make_teacher(config: Config, embedding: int) -> nn.Module:
    """What turns normalised images into embeddings: trained here, or a module of the user's."""
    teacher = config.teacher
    if not teacher.module:
        torch.manual_seed(seed_of(config.seed, "teacher"))
        return SwinStudent(teacher.width, teacher.depths, embedding, config.data.size,
                           teacher.drop_path)
    module, _, function = teacher.module.partition(":")
    try:
        made = getattr(importlib.import_module(module), function)()
    except (ImportError, AttributeError, ValueError) as error:
        raise TrainingError(BAD_INPUT, f"no teacher '{teacher.module}': {error}",
                            "write package.module:function; it gives an nn.Module") from None
    return made


def load_parameters(model: nn.Module, tensors: dict[str, torch.Tensor], source: str) -> None:
    """Gives `model` its parameters; ranges of quantisers may be missing, or there in vain."""
    state = {name: value for name, value in tensors.items() if "/" not in name}
    try:
        fit = model.load_state_dict(state, strict=False)
    except RuntimeError:
        raise TrainingError(BAD_INPUT, f"the parameters of '{source}' have other shapes") from None
    unfit = [name for name in (*fit.missing_keys, *fit.unexpected_keys)
             if not name.endswith("._amax")]
    if unfit:
        raise TrainingError(BAD_INPUT, f"the parameters of '{source}' are not the model's: "
                                       f"{unfit[0]}")
