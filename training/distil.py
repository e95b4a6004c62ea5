"""Trains a smaller model until it gives what its original gives, on images without labels.

MODEL and --teacher are ONNX files of one image each, such as `nitro apply` and `nitro zoo export` write
them, before the exact passes. Leaves in the output folder distilled.onnx, which is MODEL with other
weights, and log.jsonl. Exit code 75: not finished, the same command goes on.
"""

import argparse
import hashlib
import pathlib
import sys

from training.errors import reported
from training.session import Session

NAME = "distil"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.distil", description=__doc__)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--teacher", required=True, type=pathlib.Path, help="the original model")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--batch", type=int, default=128, help="samples, each of all modalities")
    parser.add_argument("--loss", choices=("distil", "affinity"), default="distil")
    parser.add_argument("--seed", type=int, default=0)
    Session.declare(parser)
    given = parser.parse_args(arguments)
    return reported(lambda: run(given))


def run(given: argparse.Namespace) -> int:
    session = Session.start(given)
    from training.config import Config, Data, Geometry, Model, Photometry, Stage, Teacher
    from training.log import Log
    from training.onnx_module import OnnxModule
    from training.packed import read_packed, split
    from training.stage import Job, Training, finished

    packed = read_packed(given.data)
    models = [OnnxModule(path).to(session.device) for path in (given.model, given.teacher)]
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (given.model, given.teacher)]
    stage = Stage(epochs=given.epochs, loss=given.loss, batch=given.batch, rate=given.rate,
                  target="own", weight_decay=0.0)
    mild = Photometry(brightness=0.2, contrast=0.2, noise=2.0)
    # The models are in the configuration for its digest: a run goes on only with the same.
    config = Config(data=Data(tuple(packed.channels)), model=Model(0, ()), stages={NAME: stage},
                    teacher=Teacher(module=" ".join(digests)), geometry=Geometry(scale=(0.5, 1.0)),
                    photometry=dict.fromkeys(packed.channels, mild), seed=given.seed)
    parts = split(packed, config.data.validation, 0, given.seed)
    given.output.mkdir(parents=True, exist_ok=True)
    job = Job(config=config, name=NAME, stage=stage, model=models[0], teacher=models[1].eval(),
              packed=packed.on(session.device), training=parts.training,
              validation=parts.validation, text=None, output=given.output,
              log=Log(given.output / "log.jsonl"), deadline=session.deadline)
    if not finished(job) and not Training(job).run():
        return session.unfinished(given.output)
    models[0].write(given.output / "distilled.onnx")
    return 0


if __name__ == "__main__":
    sys.exit(main())
