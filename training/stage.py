"""One stage of training, which can end at any step and go on from its last checkpoint."""

import dataclasses
import math
import pathlib
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from training import checkpoint, losses
from training.batches import Batch, Batches
from training.config import Config, Stage
from training.deadline import Deadline
from training.errors import BAD_INPUT, TrainingError
from training.evaluation import accuracy, fidelity, in_words
from training.log import Log
from training.models import load_parameters
from training.packed import PackedSet
from training.student import SwinStudent

LOG_STEPS = 20
VALIDATIONS = 20  # of a stage, or one an epoch where it has fewer
PROGRESS_SECONDS = 10


@dataclasses.dataclass
class Job:
    """A stage and all that it needs."""

    config: Config
    name: str
    stage: Stage
    model: nn.Module
    teacher: nn.Module | None  # of a stage that distils
    packed: PackedSet
    training: np.ndarray
    validation: np.ndarray
    text: torch.Tensor | None  # None: it is validated by the cosine to the teacher
    output: pathlib.Path
    log: Log
    deadline: Deadline

    def finished_file(self) -> pathlib.Path:
        return self.output / f"{self.name}.safetensors"

    def checkpoint_file(self) -> pathlib.Path:
        return self.output / f"{self.name}.checkpoint.safetensors"

    def state(self, step: int) -> dict:
        return {"digest": self.config.digest(), "stage": self.name, "step": step}

    def device(self) -> torch.device:
        return next(self.model.parameters()).device

    def modalities(self) -> tuple[str, ...]:
        return self.stage.modalities or self.config.data.modalities


def read_state(path: pathlib.Path, config: Config) -> tuple[dict[str, torch.Tensor], dict]:
    """A file of this run; refused where another configuration made it."""
    tensors, state = checkpoint.read(path)
    if state.get("digest") != config.digest():
        raise TrainingError(BAD_INPUT, f"'{path}' was made with another configuration",
                            "give another folder with -o, or remove this one")
    return tensors, state


def finished(job: Job) -> bool:
    """Whether the stage was finished before; its model then has the parameters."""
    path = job.finished_file()
    if not path.exists():
        return False
    load_parameters(job.model, read_state(path, job.config)[0], str(path))
    print(f"{job.name}: finished already", file=sys.stderr)
    return True


def rate_at(stage: Stage, step: int, steps: int) -> float:
    """A linear rise, then half a cosine down to the final rate."""
    warm_up = max(1, round(stage.warm_up * steps))
    if step < warm_up:
        return stage.rate * (step + 1) / warm_up
    share = (step - warm_up) / max(1, steps - warm_up)
    return stage.final_rate + (stage.rate - stage.final_rate) * (1 + math.cos(math.pi * share)) / 2


def make_optimizer(model: nn.Module, stage: Stage, fused: bool) -> torch.optim.AdamW:
    """AdamW; norms, biases and tables of positions do not decay."""
    decaying, others = [], []
    for name, parameter in model.named_parameters():
        decays = parameter.ndim > 1 and not name.endswith("bias_table")
        (decaying if decays else others).append(parameter)
    groups = [{"params": decaying, "weight_decay": stage.weight_decay},
              {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=stage.rate, fused=fused)


def embed(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """f32 embeddings; a student computes in bf16 on a GPU, a module of the user's always in f32."""
    fast = images.device.type == "cuda" and isinstance(model, SwinStudent)
    return model(images.bfloat16() if fast else images).float()


@torch.no_grad()
def teacher_target(job: Job, batch: Batch) -> torch.Tensor:
    """f32[samples or images, embedding] of length 1: what `stage.target` says."""
    target = job.stage.target
    images = batch.teacher_images if target == "first" else batch.images
    each = functional.normalize(embed(job.teacher, images))
    if target != "mean":
        return each
    seen = each * (batch.weights > 0)[:, None]
    return functional.normalize(seen.unflatten(0, (batch.modalities, -1)).sum(0))


def loss_of(job: Job, batch: Batch) -> torch.Tensor:
    """The mean over the images that the batch has."""
    stage, text = job.stage, job.text
    embedding = embed(job.model, batch.images)
    if stage.loss == "distil":
        each = losses.distil(embedding, teacher_target(job, batch))
    elif stage.loss == "affinity":
        each = losses.affinity(embedding, teacher_target(job, batch), stage)
    else:
        loss = losses.infonce if stage.loss == "infonce" else losses.triplet
        each = loss(embedding, batch.labels, text, stage)
    return (each * batch.weights).sum()


class Progress:
    """Lines on stderr, and the speed since the start."""

    def __init__(self, job: Job, begin: int, steps: int):
        self.job, self.begin, self.steps = job, begin, steps
        self.started = self.told = time.monotonic()
        self.images = 0

    def speed(self) -> float:
        return self.images / max(1e-9, time.monotonic() - self.started)

    def tell(self, step: int, loss: float) -> None:
        now = time.monotonic()
        if now - self.told < PROGRESS_SECONDS and step != self.steps:
            return
        self.told = now
        left = (now - self.started) / (step - self.begin) * (self.steps - step)
        print(f"{self.job.name}: step {step} of {self.steps}, loss {loss:.4f}, "
              f"{self.speed():.0f} images/s, {left:.0f} s left", file=sys.stderr)


class Training:
    def __init__(self, job: Job):
        self.job = job
        self.batches = Batches(job.config, job.name, job.stage, job.packed, job.training)
        fused = job.device().type == "cuda"
        self.optimizer = make_optimizer(job.model, job.stage, fused)
        self.step = 0
        if job.checkpoint_file().exists():
            tensors, state = read_state(job.checkpoint_file(), job.config)
            checkpoint.restore(job.model, self.optimizer, tensors)
            self.step = state["step"]
            print(f"{job.name}: goes on from step {self.step}", file=sys.stderr)
        job.log.forget_after(job.name, self.step)

    def run(self) -> bool:
        """Trains to the end, or to the deadline; whether it is finished."""
        job, steps = self.job, self.batches.steps
        epochs = max(1, math.ceil(job.stage.epochs / VALIDATIONS))
        validate_every = epochs * self.batches.steps_per_epoch
        progress = Progress(job, self.step, steps)
        total, counted = torch.zeros((), device=job.device()), 0
        while self.step < steps and not job.deadline.reached():
            total += self.advance(progress)
            counted += 1
            if self.step % LOG_STEPS == 0 or self.step % self.batches.steps_per_epoch == 0:
                loss = (total / counted).item()
                total.zero_()
                counted = 0
                self.log_loss(loss, progress)
            if self.step % validate_every == 0 or self.step == steps:
                self.validate()
            if self.step % job.config.checkpoint_steps == 0:
                self.save(job.checkpoint_file())
        self.save(job.finished_file() if self.step == steps else job.checkpoint_file())
        if self.step == steps:
            job.checkpoint_file().unlink(missing_ok=True)
        return self.step == steps

    def advance(self, progress: Progress) -> torch.Tensor:
        """One step; its loss."""
        self.job.model.train()
        batch = self.batches.at(self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.job.stage, self.step, self.batches.steps)
        self.optimizer.zero_grad(set_to_none=True)
        loss = loss_of(self.job, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(self.job.model.parameters(), self.job.stage.clip)
        self.optimizer.step()
        self.step += 1
        progress.images += len(batch.images)
        return loss.detach()

    def log_loss(self, loss: float, progress: Progress) -> None:
        if not math.isfinite(loss):
            raise TrainingError(BAD_INPUT, f"{self.job.name}: the loss is {loss} at step "
                                           f"{self.step}", "a lower rate may help")
        self.job.log.add(stage=self.job.name, step=self.step,
                         epoch=round(self.step / self.batches.steps_per_epoch, 3), loss=loss,
                         rate=self.optimizer.param_groups[0]["lr"],
                         images_per_second=round(progress.speed()))
        progress.tell(self.step, loss)

    def validate(self) -> None:
        job = self.job
        if job.text is None:
            cosines = fidelity(job.model, job.teacher, job.packed, job.validation, job.modalities())
            job.log.add(stage=job.name, step=self.step, cosine=cosines)
            told = "  ".join(f"{name} {value:.4f}" for name, value in cosines.items())
            print(f"{job.name}: step {self.step}, cosine to the teacher {told}", file=sys.stderr)
            return
        scores = accuracy(job.model, job.packed, job.validation, job.modalities(), job.text)
        job.log.add(stage=job.name, step=self.step, accuracy=scores)
        print(f"{job.name}: step {self.step}, validation {in_words(scores)}", file=sys.stderr)

    def save(self, path: pathlib.Path) -> None:
        tensors = dict(self.job.model.state_dict())
        if path == self.job.checkpoint_file():
            tensors |= checkpoint.optimizer_tensors(self.job.model, self.optimizer)
        checkpoint.write(path, tensors, self.job.state(self.step))
