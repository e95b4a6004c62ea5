"""Writes a made-up but realistic result of `nitro optimize`: a Swin-S over RGB and depth.

    sample_result.py OUT.json [--variant optimize|profile|lossy|hostile|interrupted|empty]

The same text on every run. `hostile` puts names into every place that takes one.
"""

import argparse
import json
import random

import sample_accuracy
import sample_search

DEPTHS = [2, 2, 18, 2]
WINDOW = 49
ROOFS = {
    "threads": 2,
    "fp32_flops": 236e9,
    "int8_ops": 705e9,
    "l1_bytes_per_s": 512e9,
    "l2_bytes_per_s": 168e9,
    "l3_bytes_per_s": 61e9,
    "dram_bytes_per_s": 19.4e9,
    "dispatch_ns": 3400.0,
}
GPU_ROOFS = {
    "cache_bytes": 52428800,
    "copy_bytes_per_s": 2.6e12,
    "cache_copy_bytes_per_s": 4.9e12,
    "cache_read_bytes_per_s": 6.1e12,
    "fp32_flops": 58e12,
    "fp16_flops": 116e12,
    "tensor_flops": 610e12,
    "int8_flops": 240e12,
    "tensor_int8_flops": 1200e12,
    "launch_ns": 510.0,
    "step_ns": 1010.0,
}
HOSTILE_NAMES = [
    "</script><img src=x onerror=\"document.title='owned'\">",
    "<script>document.title='owned'</script>",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "{}{0}%s%n",
    "--><svg onload=\"document.title='owned'\">",
    "\"' onmouseover=\"document.title='owned'\"",
    "javascript:document.title='owned'",
    "]]>\u2028\u2029&amp;<!--",
    "CON",
    "../../etc/passwd",
    "__proto__",
    "constructor",
]


class Layers:
    """Collects layers with times from a crude cost model plus noise."""

    def __init__(self, noise, calls):
        self.noise = noise
        self.calls = calls
        self.items = []

    def add(self, module, op, flops, moved, efficiency=None, bound=None, nodes=1):
        flops *= self.calls
        moved *= self.calls
        launch = ROOFS["dispatch_ns"] * (self.calls if efficiency is None else 1)
        compute = flops / ROOFS["fp32_flops"] * 1e9 / (efficiency or 0.75)
        bandwidth = ROOFS["l2_bytes_per_s"] if moved < 1e6 else ROOFS["l3_bytes_per_s"]
        memory = moved / bandwidth * 1e9 / 0.3
        time = (max(compute, memory) + launch) * self.noise.uniform(0.94, 1.08)
        if bound is None:
            bound = "launch" if launch > 0.5 * time else "compute" if compute >= memory else "memory"
        achieved = flops / time * 1e9
        level = "L2" if moved < 1e6 else "L3"
        evidence = {
            "compute": f"Reaches {achieved / 1e9:.0f} GFLOP/s, {achieved / ROOFS['fp32_flops']:.0%} of the measured "
            f"{ROOFS['fp32_flops'] / 1e9:.0f} GFLOP/s.",
            "memory": f"Moves {moved / time:.1f} GB/s, {moved / time * 1e9 / bandwidth:.0%} of what {level} gives; "
            f"{flops / max(moved, 1):.1f} FLOP per byte is left of the ridge.",
            "launch": f"Takes {time / 1e3:.1f} µs, of which {launch / 1e3:.1f} µs is the cost of running any node.",
            "layout": f"Only moves data: {moved / 1e6:.1f} MB at {moved / time:.1f} GB/s.",
            "unknown": f"Reaches {achieved / 1e9:.1f} GFLOP/s and {moved / time:.1f} GB/s; no roof explains it.",
            "wave": "Fills 1.1 waves of threads.",
        }[bound]
        path = "/" + "/".join(module.split(".")) if module else ""
        index = len(self.items)
        self.items.append({
            "id": index, "name": f"{path}/{op}_{index}", "op": op, "module": module,
            "origins": [f"{path}/{op}_{index}_{k}" for k in range(nodes)],
            "time_ns": round(time, 1), "low_ns": round(time * 0.985, 1), "high_ns": round(time * 1.02, 1),
            "share": 0.0, "flops": flops, "bytes": moved,
            "intensity": flops / moved if moved else None,
            "achieved_flops": achieved, "bound": bound, "evidence": evidence,
        })


def add_block(layers, prefix, dim, tokens, heads, fused, shifted):
    data = 4 * tokens * dim
    scores = tokens * WINDOW * heads

    def linear(module, width_in, width_out):
        flops = 2 * tokens * width_in * width_out
        layers.add(f"{prefix}.{module}", "MatMul", flops, 4 * (tokens * (width_in + width_out) + width_in * width_out),
                   0.86 if fused else 0.84, nodes=2 if fused else 1)
        if not fused:
            layers.add(f"{prefix}.{module}", "Add", tokens * width_out, 8 * tokens * width_out)

    layers.add(f"{prefix}.norm1", "LayerNormalization", 8 * tokens * dim, 2 * data)
    if not fused:
        if shifted:
            layers.add(f"{prefix}", "Slice", 0, data, bound="layout")
            layers.add(f"{prefix}", "Concat", 0, 2 * data, bound="layout")
        layers.add(f"{prefix}", "Transpose", 0, 2 * data, bound="layout")
    elif shifted:
        layers.add(f"{prefix}", "Gather", 0, 2 * data, bound="layout", nodes=5)
    linear("attn.qkv", dim, 3 * dim)
    if fused:
        layers.add(f"{prefix}.attn", "Attention", 4 * tokens * WINDOW * dim + 6 * scores, 4 * data, 0.55, nodes=9)
    else:
        layers.add(f"{prefix}.attn", "Transpose", 0, 6 * data, bound="layout")
        layers.add(f"{prefix}.attn", "MatMul", 2 * tokens * WINDOW * dim, 2 * data + 4 * scores, 0.2)
        layers.add(f"{prefix}.attn", "Add", scores, 8 * scores)
        layers.add(f"{prefix}.attn.softmax", "Softmax", 5 * scores, 8 * scores)
        layers.add(f"{prefix}.attn", "MatMul", 2 * tokens * WINDOW * dim, 2 * data + 4 * scores, 0.2)
        layers.add(f"{prefix}.attn", "Transpose", 0, 2 * data, bound="layout")
    linear("attn.proj", dim, dim)
    if not fused:
        layers.add(f"{prefix}", "Transpose", 0, 2 * data, bound="layout")
    layers.add(f"{prefix}", "Add", tokens * dim, 3 * data)
    layers.add(f"{prefix}.norm2", "LayerNormalization", 8 * tokens * dim, 2 * data)
    linear("mlp.fc1", dim, 4 * dim)
    layers.add(f"{prefix}.mlp.act", "Gelu", 60 * tokens * dim, 8 * data, bound=None if fused else "unknown")
    linear("mlp.fc2", 4 * dim, dim)
    layers.add(f"{prefix}", "Add", tokens * dim, 3 * data)


def build_layers(fused):
    noise = random.Random(7 if fused else 3)
    layers = Layers(noise, 2)
    layers.add("patch_embed.proj", "Conv", 2 * 3136 * 48 * 96, 4 * (150528 + 3136 * 96), 0.45)
    layers.add("patch_embed.norm", "LayerNormalization", 8 * 3136 * 96, 8 * 3136 * 96)
    for stage, depth in enumerate(DEPTHS):
        dim, tokens, heads = 96 << stage, 3136 >> (2 * stage), 3 << stage
        for block in range(depth):
            add_block(layers, f"layers.{stage}.blocks.{block}", dim, tokens, heads, fused, block % 2 == 1)
        if stage < 3:
            prefix = f"layers.{stage}.downsample"
            layers.add(prefix, "Concat", 0, 8 * tokens * dim, bound="layout")
            layers.add(f"{prefix}.norm", "LayerNormalization", 8 * tokens * dim, 8 * tokens * dim)
            layers.add(f"{prefix}.reduction", "MatMul", 2 * tokens // 4 * 8 * dim * dim,
                       4 * (2 * tokens * dim + 8 * dim * dim), 0.8)
    layers.add("norm", "LayerNormalization", 8 * 49 * 768, 8 * 49 * 768)
    layers.add("", "ReduceMean", 49 * 768, 4 * 50 * 768)
    layers.add("head", "Gemm", 2 * 768 * 512, 4 * (768 + 512 + 768 * 512))
    return layers.items


def build_modules(layers, total):
    """Modules in order of first use, each after its parent, with times and work of everything below."""
    modules = [{"path": "", "parent": -1}]
    index = {"": 0}

    def find(path):
        if path not in index:
            parent = find(path.rpartition(".")[0])
            index[path] = len(modules)
            modules.append({"path": path, "parent": parent})
        return index[path]

    for module in modules:
        module.update(time_ns=0.0, share=0.0, flops=0, bytes=0)
    for layer in layers:
        at = find(layer["module"])
        while at >= 0:
            module = modules[at]
            for key in ("time_ns", "flops", "bytes"):
                module[key] = module.get(key, 0) + layer[key]
            at = module["parent"]
    for module in modules:
        module["time_ns"] = round(module["time_ns"], 1)
        module["share"] = module["time_ns"] / total
    return modules


def build_measured(fused, seed, slow_tail):
    layers = build_layers(fused)
    layer_sum = sum(layer["time_ns"] for layer in layers)
    total = layer_sum * 1.021
    noise = random.Random(seed)
    samples = []
    for _ in range(7):
        shift = noise.gauss(0, 0.003)
        repetition = []
        for _ in range(24):
            value = total * (1 + shift + abs(noise.gauss(0, 0.006)))
            if noise.random() < slow_tail:
                value *= 1 + noise.uniform(0.03, 0.22)
            repetition.append(round(value))
        samples.append(repetition)
    flat = sorted(value for repetition in samples for value in repetition)
    n = len(flat)
    summary = {
        "median_ns": flat[n // 2], "low_ns": flat[n // 2 - 13], "high_ns": flat[n // 2 + 13], "n": n,
        "repetitions": len(samples), "stop_reason": "precise", "p90_ns": flat[int(n * 0.9)], "p99_ns": None,
        "relative_half_width": (flat[n // 2 + 13] - flat[n // 2 - 13]) / 2 / flat[n // 2],
    }
    for layer in layers:
        layer["share"] = layer["time_ns"] / summary["median_ns"]
    profile = {
        "total_ns": summary["median_ns"], "layers_sum_ns": layer_sum,
        "overhead_ns": summary["median_ns"] - layer_sum, "attributed_share": 0.993,
        "layers": layers, "modules": build_modules(layers, summary["median_ns"]),
    }
    return {"summary": summary, "samples_ns": samples, "profile": profile}


RECIPE = """# Replays with: nitro apply swin.recipe.toml --model model.onnx
[recipe]
name = "swin-s two modalities"

[[pass]]
name = "batch-modalities"
members = ["rgb", "depth"]

[[pass]]
name = "fuse-layer-norm"

[[pass]]
name = "fuse-attention"
window = 7

[[pass]]
name = "window-order"

[[pass]]
name = "fuse-bias"
"""


def ledger(gain):
    """Entries whose measured speed-ups multiply to about `gain`."""
    rows = [
        ("fold-constants", True, 62, 0.2e6, None, True, "Too small to measure on its own."),
        ("batch-modalities", True, 1, 0.13, 0.22, True, "One run of batch 2 in place of two of batch 1."),
        ("fuse-layer-norm", True, 53, 0.04, 0.06, True, "Nine nodes become one LayerNormalization."),
        ("fuse-attention", True, 24, 0.22, 0.34, True, "Scores stay in cache; the bias is folded in."),
        ("fold-depth-input", False, 0, None, None, False, "No depth stem to fold in this model."),
        ("window-order", True, 24, 0.24, 0.28, True, "Keeps tokens in window order between blocks."),
        ("quantize-weights", True, 98, 0.15, -0.08, False, "Slower here: this CPU has no int8 dot product."),
        ("fuse-bias", True, 99, 0.04, 0.10, True, "Bias added where the product is written."),
    ]
    entries = []
    for name, changed, nodes, predicted, part, kept, note in rows:
        measured = None
        if part is not None:
            speedup = gain ** part
            verdict = "slower" if part < 0 else "faster" if part > 0.08 else "unclear"
            measured = {"speedup": speedup, "low": speedup * 0.994, "high": speedup * 1.007, "verdict": verdict}
        if predicted is not None:
            predicted = predicted if predicted > 1 else predicted * 100e6
        entries.append({
            "pass": name, "kind": "exact", "changed": changed, "nodes_touched": nodes, "predicted_gain_ns": predicted,
            "measured": measured, "kept": kept, "note": note,
        })
    return entries


def build_result(kind="optimize"):
    baseline = build_measured(False, 11, 0.05)
    optimized = build_measured(True, 12, 0.03)
    speedup = baseline["summary"]["median_ns"] / optimized["summary"]["median_ns"]
    command = ["nitro", "optimize", "zoo:edgevl-swin-s", "--modalities", "rgb,depth", "--report", "swin.html"]
    result = {
        "schema_version": 1, "kind": kind, "interrupted": False, "nitro_version": "0.1.0",
        "created": "2026-11-24T17:00:00Z", "command": command,
        "model": {
            "name": "edgevl-swin-s", "source": "zoo:edgevl-swin-s",
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "parameters": 49630000, "nodes": len(baseline["profile"]["layers"]),
            "inputs": [{"name": "image", "dtype": "f32", "shape": [1, 3, 224, 224]}],
            "outputs": [{"name": "embedding", "dtype": "f32", "shape": [1, 512]}], "opset": 17,
        },
        "workload": {"modalities": ["rgb", "depth"], "grey": ["depth"], "calls": 2,
                     "given": {"rgb": "photo.jpg"},
                     "description": "One frame: RGB and depth through one encoder, 2 runs of batch 1"},
        "runner": {"name": "onnxruntime", "version": "1.32.0", "threads": 2, "graph_level": "all",
                   "provider": "CPUExecutionProvider",
                   "environment": {"python": "3.11.2", "numpy": "2.4.6", "OMP_WAIT_POLICY": "passive"}},
        "environment": {"cpu": "Intel Xeon Platinum 8481C", "cores": 2, "l1d_bytes": 49152, "l2_bytes": 2097152,
                        "l3_bytes": 110100480, "memory_bytes": 8589934592, "os": "Debian GNU/Linux 12",
                        "kernel": "6.1.0-28-amd64", "governor": "unknown", "isa": ["avx2", "avx512f", "avx512_vnni"]},
        "roofs": ROOFS, "baseline": baseline, "optimized": optimized,
        "comparison": {"speedup": speedup, "low": speedup * 0.991, "high": speedup * 1.008, "p_value": 0.00058,
                       "verdict": "faster"},
        "prediction": {
            "device": "jetson-nano", "device_title": "Jetson Nano 4 GB, 10 W", "runtime": "TensorRT 8",
            "precision": "fp16", "fitted_to": "published latencies",
            "baseline": {"total_ns": 259.4e6, "low_ns": 179.4e6, "high_ns": 375.0e6},
            "optimized": {"total_ns": 221.8e6, "low_ns": 152.3e6, "high_ns": 323.0e6},
        },
        "numerics": [
            {"runner": runner, "input": kind_of_input, "output": "embedding", "cosine": 1 - error * 1e-2,
             "max_abs": error, "max_ulp": ulp, "mistrusted": False, "ok": True}
            for runner, kind_of_input, error, ulp in [
                ("onnxruntime", "random", 1.9e-6, 41), ("onnxruntime", "natural", 2.4e-6, 57),
                ("reference", "random", 3.6e-7, 12), ("reference", "natural", 4.1e-7, 14)]
        ],
        "ledger": ledger(speedup), "recipe": RECIPE,
        "quality_notes": [
            {"code": "clock_unlocked", "severity": "warning",
             "message": "The clock of the CPU is not locked, so times may drift with load and temperature.",
             "remedy": "Run on a machine that you control, with the performance governor.", "detail": None},
            {"code": "layer_sum_mismatch", "severity": "info",
             "message": "The layers add up to 2.1 % less than the whole.",
             "remedy": "None needed below 5 %.", "detail": {"share": 0.021}},
        ],
        "reproduce": [" ".join(command), "nitro apply swin.recipe.toml --model model.onnx -o swin.opt.onnx",
                      "nitro compare model.onnx swin.opt.onnx --runner ort --threads 2 --repetitions 7"],
    }
    if kind == "profile":
        del result["prediction"]
        result.update(optimized=None, comparison=None, numerics=[], ledger=[], recipe="")
    return result


def make_lossy(result):
    """The same with a pass that changes what the model computes, judged on images."""
    result["accuracy"] = sample_accuracy.build_accuracy()
    result["search"] = sample_search.build_search()
    result["ledger"][-1]["kind"] = "lossy"
    for check in result["numerics"]:
        check.update(cosine=0.984, max_abs=0.3, ok=False)
    return result


def make_hostile(result):
    """Puts a hostile name into each place that takes a text from outside."""
    position = 0

    def name():
        nonlocal position
        position += 1
        return HOSTILE_NAMES[position % len(HOSTILE_NAMES)]

    for key in ("baseline", "optimized"):
        profile = result[key]["profile"]
        renamed = {"": ""}
        for module in profile["modules"]:
            if module["path"]:
                renamed[module["path"]] = f"{module['path']}.{name()}"
                module["path"] = renamed[module["path"]]
        for layer in profile["layers"]:
            layer.update(name=name(), op=name(), evidence=name(), module=renamed[layer["module"]],
                         origins=[name(), name()])
        profile["layers"][5]["name"] = "long" * 250_000
    result["model"].update(name=name(), source=name())
    accuracy = result["accuracy"] = sample_accuracy.build_accuracy()
    accuracy["classes"] = HOSTILE_NAMES[:len(sample_accuracy.CLASSES)]
    result["search"] = sample_search.build_search()
    sample_search.make_hostile(result["search"], name)
    accuracy["examples"][0]["label"] = 10 ** 9
    for item in accuracy["modalities"] + accuracy["examples"] + accuracy["limits"]:
        item["modality"] = name()
    for example in accuracy["examples"]:
        example["image"] = "data:image/png;base64,AAAA\" " + name()
    result["model"]["inputs"][0]["name"] = name()
    result["workload"].update(description=name(), modalities=HOSTILE_NAMES, grey=HOSTILE_NAMES,
                              given={name(): name()})
    result["runner"].update(name=name(), provider=name(), version=name(), environment={name(): name() for _ in range(20)})
    result["environment"].update({"cpu": name(), name(): [name(), {name(): name()}]})
    result["command"] = HOSTILE_NAMES
    result["reproduce"] = HOSTILE_NAMES
    result["recipe"] = "\n".join(HOSTILE_NAMES)
    for check in result["numerics"]:
        check.update(runner=name(), output=name())
    for entry in result["ledger"]:
        entry["pass"] = name()
        entry["note"] = name()
    for note in result["quality_notes"]:
        note.update(message=name(), remedy=name(), detail={name(): name()})
    return result


def make_empty(result):
    """Nothing but the end-to-end times; on one side a layer of which only the time is known."""
    for key in ("baseline", "optimized"):
        result[key]["samples_ns"] = []
        result[key]["profile"].update(layers_sum_ns=0, overhead_ns=0, attributed_share=0, layers=[], modules=[])
    layer = build_layers(True)[0]
    layer.update(flops=None, bytes=None, intensity=None, achieved_flops=None, low_ns=None, high_ns=None, origins=[])
    result["optimized"]["profile"]["layers"] = [layer]
    result.update(roofs=None, numerics=[], ledger=[], recipe="", quality_notes=[], reproduce=[])
    return result


def build_variant(variant):
    if variant == "profile":
        return build_result("profile")
    if variant == "gpu":
        result = build_result("profile")
        result["baseline"]["profile"]["gpu_roofs"] = GPU_ROOFS
        return result
    result = build_result()
    if variant == "hostile":
        return make_hostile(result)
    if variant == "lossy":
        return make_lossy(result)
    if variant == "empty":
        return make_empty(result)
    result["interrupted"] = variant == "interrupted"
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--variant", default="optimize", choices=["optimize", "profile", "gpu", "lossy", "hostile", "interrupted", "empty"])
    arguments = parser.parse_args()
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump(build_variant(arguments.variant), file, indent=1)


if __name__ == "__main__":
    main()
