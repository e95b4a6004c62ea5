"""The accuracy part of a sample result: what two models make of made-up images."""

import random

CLASSES = ["bathtub", "bed", "chair", "door"]
PIXEL = ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
         "rkJggg==")


def evaluated(name, labels, decided, against):
    """A modality as docs/eval.schema.json has it; its intervals are crude."""
    def counted(hits, images):
        share = hits / images
        return {"images": images, "hits": hits, "low": max(0, share - 0.07), "high": min(1, share + 0.07)}

    pairs = [pair for pair in zip(labels, decided)]
    hits = sum(truth == answer for truth, answer in pairs)
    wrong = sorted({pair for pair in pairs if pair[0] != pair[1]})
    return {
        "modality": name,
        "numbers": {"top1": hits / len(pairs), "top5": 1, "class_top1": None, "text_found": None, "images_found": None,
                    "images_recall": None, "clip_score": None},
        "without_direction": 0, "top1": counted(hits, len(pairs)), "top5": counted(len(pairs), len(pairs)),
        "classes": [counted(sum(t == k == a for t, a in pairs), max(1, labels.count(k))) for k in range(len(CLASSES))],
        "confusion": [[*pair, pairs.count(pair)] for pair in wrong],
        "decided": decided, "rank": [0 if truth == answer else 1 for truth, answer in pairs], "reference": against,
    }


def build_accuracy():
    """160 scenes of which the depth images suffer."""
    random_numbers = random.Random(5)
    labels = [i % len(CLASSES) for i in range(160)]
    modalities, examples = [], []
    for name, verdict, share in (("rgb", "same", 0.02), ("depth", "worse", 0.2)):
        before = [k if random_numbers.random() < 0.8 else (k + 1) % len(CLASSES) for k in labels]
        after = [(k + 2) % len(CLASSES) if random_numbers.random() < share else k for k in before]
        changed = [i for i in range(len(labels)) if before[i] != after[i]]
        lost = [sum(side[i] == labels[i] for i in changed) for side in (before, after)]
        difference = (lost[1] - lost[0]) / len(labels)
        against = {
            "top1": 0.8, "agreement": 1 - len(changed) / len(labels),
            "cosine": {"least": 0.9, "median": 0.99, "mean": 0.98, "low": 0.97, "high": 0.99},
            "comparison": {"images": len(labels), "only_reference": lost[0], "only_model": lost[1],
                           "difference": difference, "low": difference - 0.01, "high": difference + 0.01,
                           "p_value": 0.01, "verdict": verdict, "images_needed": None},
        }
        modalities.append({"modality": name, "baseline": evaluated(name, labels, before, None),
                           "optimized": evaluated(name, labels, after, against)})
        examples += [{"scene": i, "modality": name, "label": labels[i], "baseline": before[i], "optimized": after[i],
                      "image": PIXEL} for i in changed[:6]]
    return {
        "data": {"source": "scenes", "modalities": ["rgb", "depth"], "classes": len(CLASSES), "scenes": 160,
                 "evaluated": 160, "limit": 0, "seed": 1, "notes": [], "damaged": 0, "damages": []},
        "scores": "cosine", "margin": 0.03, "images_per_s": 61.5, "modalities": modalities,
        "limits": [{"modality": item["modality"], "limit": "max_drop", "bound": 0.03,
                    "value": -item["optimized"]["reference"]["comparison"]["difference"],
                    "held": item["modality"] == "rgb"} for item in modalities],
        "classes": CLASSES, "scenes": [f"{CLASSES[k]}/{i:04}" for i, k in enumerate(labels)], "labels": labels,
        "examples": examples,
    }
