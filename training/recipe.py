"""All stages of a configuration, one after the other; finished ones are not trained again."""

import dataclasses
import json
import pathlib
import sys

import numpy as np
import torch
from torch import nn

from training import checkpoint
from training.config import Config
from training.deadline import Deadline
from training.errors import BAD_INPUT, TrainingError
from training.evaluation import accuracy, embeddings, in_words
from training.log import Log
from training.models import load_parameters, make_student, make_teacher
from training.packed import PackedSet, split
from training.stage import Job, Training, finished

TEACHER = "teacher"
CONFIDENCE_SCALE = 100  # of cosines, as EdgeVL scores them


@dataclasses.dataclass
class Recipe:
    config: Config
    packed: PackedSet  # on the device
    test: PackedSet | None  # another set; None: a share of the first
    text: torch.Tensor  # f32[classes, embedding] on the device
    output: pathlib.Path
    deadline: Deadline

    def __post_init__(self) -> None:
        config = self.config
        for packed in filter(None, (self.packed, self.test)):
            unknown = set(config.data.modalities) - set(packed.channels)
            if unknown:
                raise TrainingError(BAD_INPUT, f"the data has no modality '{min(unknown)}'")
            if packed.images.shape[-1] != config.data.size:
                raise TrainingError(BAD_INPUT, f"the data has images of {packed.images.shape[-1]} "
                                    f"pixels a side, the configuration {config.data.size}")
        if self.test is not None and self.test.classes != self.packed.classes:
            raise TrainingError(BAD_INPUT, "the test set has other classes")
        self.parts = split(self.packed, config.data.validation, config.data.test, config.seed)
        if len(self.parts.training) == 0 or len(self.parts.validation) == 0:
            raise TrainingError(BAD_INPUT, "too few samples to hold some back for validation")
        self.log = Log(self.output / "log.jsonl")
        self.device = self.text.device
        self.embedding = self.text.shape[1]
        self.teacher = None
        if config.has_teacher():
            self.teacher = make_teacher(config, self.embedding).to(self.device)

    def run(self) -> bool:
        """Trains what is still to be trained and writes the results; whether all is finished."""
        student = None
        for name, stage in self.config.stages.items():
            model = self.teacher
            if name != TEACHER:
                model = make_student(self.config, self.embedding, stage.quantised).to(self.device)
                if student is not None:
                    load_parameters(model, student.state_dict(), "the stage before")
                student = model
            if not self.trained(name, model):
                return False
        self.finish(student or self.teacher)
        return True

    def trained(self, name: str, model: nn.Module) -> bool:
        stage = self.config.stages[name]
        distils = stage.distils()
        job = Job(config=self.config, name=name, stage=stage, model=model,
                  teacher=self.teacher.eval() if distils else None, packed=self.packed,
                  training=self.parts.training, validation=self.parts.validation, text=self.text,
                  output=self.output, log=self.log, deadline=self.deadline)
        if finished(job):
            return True
        if distils and (stage.target == "first" or stage.confident < 1):
            job.training = self.confident(job.training, stage.confident)
        return Training(job).run()

    def confident(self, samples: np.ndarray, share: float) -> np.ndarray:
        """The samples that the teacher sees, and of these the share that it is surest about."""
        first = self.config.data.modalities[0]
        seen = samples[self.packed.present[samples, list(self.packed.channels).index(first)]]
        if share == 1:
            return seen
        rows = embeddings(self.teacher, self.packed, seen, first, self.device)
        sure = (CONFIDENCE_SCALE * rows @ self.text.T).softmax(1).amax(1).cpu().numpy()
        return np.sort(seen[np.argsort(-sure, kind="stable")[:max(1, round(share * len(seen)))]])

    def teacher_modalities(self) -> tuple[str, ...]:
        """Those that it was trained on; of a teacher of the user's the first."""
        modalities = self.config.data.modalities
        stage = self.config.stages.get(TEACHER)
        return (stage.modalities or modalities) if stage else modalities[:1]

    def finish(self, student: nn.Module) -> None:
        """student.safetensors, and result.json with the accuracy on the test set."""
        parameters = {name: value.half() for name, value in student.named_parameters()}
        checkpoint.write(self.output / "student.safetensors", parameters, {})
        packed = self.packed if self.test is None else self.test
        samples = self.parts.test if self.test is None else np.arange(len(self.test.labels))
        modalities = self.config.data.modalities
        plain = make_student(self.config, self.embedding, False).to(self.device)
        load_parameters(plain, {name: value.float() for name, value in parameters.items()}, "f16")
        models = {"student": (plain, modalities)}
        if self.teacher is not None:
            models[TEACHER] = (self.teacher, self.teacher_modalities())
        if list(self.config.stages.values())[-1].quantised:
            models["student, products in 8 bits"] = (student, modalities)
        result = {name: accuracy(model, packed, samples, seen, self.text)
                  for name, (model, seen) in models.items()}
        (self.output / "result.json").write_text(json.dumps(result, indent=1) + "\n")
        for name, scores in result.items():
            print(f"test: {name}: {in_words(scores)}", file=sys.stderr)
