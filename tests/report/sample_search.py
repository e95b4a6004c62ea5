"""The part `search` of a sample result: 40 made-up trials of two lossy passes."""

import random

MODALITIES = {"rgb": 1.0, "depth": 1.8}


def estimate(value, width):
    return {"value": value, "low": value - width, "high": value + width}


def qualities(drop, images):
    return [{"modality": name, "images": images, "accuracy": estimate(0.61 - factor * drop, 0.05),
             "drop": estimate(factor * drop, 0.012), "cosine": estimate(1 - drop / 4, 0.001)}
            for name, factor in MODALITIES.items()]


def trial(number, keep, int8, varied, noise):
    latency = 17e6 * (0.55 if int8 else 1.0) * (0.4 + 0.6 * keep) * noise.uniform(0.99, 1.01)
    drop = (0.004 if int8 else 0.0) + 0.09 * (1 - keep) ** 2
    stopped = "drop surely above the limit in depth, by 0.02 or more" if drop > 0.03 else ""
    names = [f"prune-neurons keep={keep:g}"] * (keep < 1) + ["quantize-int8 method=mse"] * int8
    return {
        "number": number, "description": ", ".join(["standard", *names]), "keeps_limits": 1.8 * drop <= 0.01,
        "varied": varied, "recipe": "version = 1\n", "model_sha256": f"{number:064x}", "same_as": None,
        "latency_ns": estimate(latency, 0.01 * latency), "memory_bytes": 9e6 * keep,
        "modalities": qualities(drop, 100 if stopped else 400), "all_images": not stopped, "stopped": stopped, "error": "",
        "seconds": 12.0,
    }


def build_search():
    noise = random.Random(5)

    def varied(step, parameter="", value=""):
        return {"step": step, "parameter": parameter, "value": value}

    trials = [trial(0, 1, False, varied(""), noise), trial(1, 1, True, varied("quantize-int8", "method", "mse"), noise)]
    for keep in (0.5, 0.7, 0.9):
        trials.append(trial(len(trials), keep, False, varied("prune-neurons", "keep", f"{keep:g}"), noise))
    failed = trial(len(trials), 1, False, varied("remove-blocks", "branches", "layers.9"), noise)
    failed.update(error="no branch is called layers.9", latency_ns=None, memory_bytes=None, modalities=[],
                  all_images=False, keeps_limits=False)
    trials.append(failed)
    while len(trials) < 40:
        keep = noise.choice([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
        trials.append(trial(len(trials), keep, noise.random() < 0.7, None, noise))
    complete = sorted((t for t in trials if t["all_images"]), key=lambda t: t["latency_ns"]["value"])
    front, best = [], 1e9
    for each in complete:
        if each["modalities"][1]["drop"]["value"] < best:
            best = each["modalities"][1]["drop"]["value"]
            front.append(each["number"])
    winner = next(t["number"] for t in complete if t["keeps_limits"])
    measured = {"speedup": 1.82, "low": 1.8, "high": 1.84, "p_value": 0.0006, "verdict": "faster"}
    return {
        "sampler": "tpe", "optuna": "5.0.0", "seed": 1, "study": "swin", "storage": "sqlite:///swin.search.db",
        "limits": {"max_drop": 0.01, "min_accuracy": None, "min_accuracy_of": {}, "min_cosine": None,
                   "max_latency_ns": None, "max_memory_bytes": None},
        "scenes": {"few": 100, "all": 400, "judged_by_others": True}, "original": qualities(0, 400), "ended_by": "trials",
        "asked_again": 0, "seconds": 512.0, "evaluating_seconds": 503.0, "overhead": 0.0176, "trials": trials,
        "front": front, "finalists": [{"number": winner, "measured": measured}], "winner": winner,
        "ledger": [
            {"step": "standard", "description": "the exact passes", "measured": {**measured, "speedup": 1.6},
             "cost": {"rgb": 0.0, "depth": 0.0}, "note": ""},
            {"step": "quantize-int8", "description": "quantize-int8 method=mse", "measured": measured,
             "cost": {"rgb": 0.004, "depth": 0.0072}, "note": ""},
        ],
        "dropped": [{"step": "remove-blocks", "trials": 1, "why": "cannot be applied: no branch is called layers.9"}],
    }


def make_hostile(search, name):
    """Names from outside in every place of `search` that takes one."""
    for each in search["trials"]:
        each.update(description=name(), stopped=name(), error=name() if each["error"] else "")
        if each["varied"] and each["varied"]["step"]:
            each["varied"] = {"step": name(), "parameter": name(), "value": name()}
        for modality in each["modalities"]:
            modality["modality"] = name()
    for each in search["ledger"]:
        each.update(step=name(), description=name(), note=name(), cost={name(): 0.01})
    for each in search["dropped"]:
        each.update(step=name(), why=name())
