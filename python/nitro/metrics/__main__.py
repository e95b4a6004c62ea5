"""python -m nitro.metrics FOLDER: the metrics of a folder that `nitro eval --embeddings FOLDER` wrote,
computed by TorchMetrics, as one line of JSON."""

from __future__ import annotations

import argparse
import json
import pathlib
import sys

import numpy

BAD_INPUT = 3
ENVIRONMENT = 4


def fail(exit_code: int, message: str, hint: str = "") -> None:
    print(json.dumps({"error": {"message": message, "hint": hint}}))
    sys.exit(exit_code)


def array(folder: pathlib.Path, name: str) -> numpy.ndarray:
    return numpy.load(folder / pathlib.Path(name).name, allow_pickle=False)


def metrics_of(folder: pathlib.Path) -> dict:
    import torchmetrics

    from nitro.metrics.scored import cosine_mean, numbers_of

    listing = json.loads((folder / "embeddings.json").read_text("utf-8"))
    labels = array(folder, listing["labels"])
    text = array(folder, listing["text"]) if listing["text"] else None
    modalities = []
    for modality in listing["modalities"]:
        images = array(folder, modality["embeddings"])
        row = {"modality": modality["modality"],
               "numbers": numbers_of(images, labels, len(listing["classes"]), text),
               "cosine_mean": None}
        if "reference" in modality:
            reference = array(folder, modality["reference"])
            if reference.shape == images.shape:
                row["cosine_mean"] = cosine_mean(images, reference)
        modalities.append(row)
    return {"version": torchmetrics.__version__, "modalities": modalities}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m nitro.metrics", description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    try:
        result = metrics_of(folder)
    except ImportError as error:
        fail(ENVIRONMENT, f"{error.name} is not installed", "pip install torchmetrics")
    except (OSError, KeyError, TypeError, ValueError) as error:
        fail(BAD_INPUT, f"{folder} is no folder of nitro eval --embeddings: {error}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
