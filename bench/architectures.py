#!/usr/bin/env python3
"""Seventeen architectures on Nitro's CUDA engine against ONNX Runtime on the processor.

    architectures.py export FOLDER     needs torch, timm and onnxruntime: NAME.onnx, NAME.input.npy, NAME.output.npy
    architectures.py check FOLDER      needs an NVIDIA GPU, NumPy and nitro ($NITRO): the cosine of each, in f16

Parameters are random and rounded to 15 levels of each tensor, so that the folder packs well on its way to a GPU.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

OF_TIMM = [
    "vit_tiny_patch16_224", "deit_small_distilled_patch16_224", "swin_tiny_patch4_window7_224",
    "swinv2_tiny_window8_256", "convnext_nano", "mobilenetv3_large_100", "efficientnet_b0", "fastvit_t8",
    "efficientvit_b1", "mobilevit_s", "resnet18", "resnet50", "edgenext_small", "levit_128s", "pvt_v2_b0",
    "regnety_016",
]
WORST = 0.9999


def clip_text_tower():
    """That of CLIP ViT-B/32 with 4 of its 12 layers: causal attention, quick GELU, the last token's projection."""
    import torch
    from torch import nn

    width, heads, layers, tokens, words = 512, 8, 4, 77, 4096

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
            self.c_fc, self.c_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x, mask):
            y = self.ln_1(x)
            x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
            y = self.c_fc(self.ln_2(x))
            return x + self.c_proj(y * torch.sigmoid(1.702 * y))

    class Text(nn.Module):
        def __init__(self):
            super().__init__()
            self.token = nn.Embedding(words, width)
            self.position = nn.Parameter(torch.randn(tokens, width) * 0.01)
            self.blocks = nn.ModuleList(Block() for _ in range(layers))
            self.ln = nn.LayerNorm(width)
            self.projection = nn.Parameter(torch.randn(width, width) * width**-0.5)
            self.register_buffer("mask", torch.full((tokens, tokens), float("-inf")).triu(1))

        def forward(self, ids):
            x = self.token(ids) + self.position
            for block in self.blocks:
                x = block(x, self.mask)
            return self.ln(x)[torch.arange(ids.shape[0]), ids.argmax(-1)] @ self.projection

    ids = torch.randint(1, words - 1, (1, tokens))
    ids[0, 20] = words - 1
    return Text(), ids


def export(folder: Path):
    import onnxruntime
    import timm
    import torch

    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    for name in [*OF_TIMM, "clip_text"]:
        if name == "clip_text":
            model, x = clip_text_tower()
        else:
            model = timm.create_model(name, pretrained=False)
            x = torch.randn(1, *model.pretrained_cfg["input_size"])
        model.eval()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.ndim >= 2 and (most := parameter.abs().max()) > 0:
                    parameter.copy_(torch.round(parameter / most * 7) / 7 * most)
        file = folder / f"{name}.onnx"
        torch.onnx.export(model, x, str(file), dynamo=False, opset_version=17, input_names=["input"],
                          output_names=["output"])
        y = onnxruntime.InferenceSession(str(file)).run(None, {"input": x.numpy()})[0]
        np.save(folder / f"{name}.input.npy", x.numpy())
        np.save(folder / f"{name}.output.npy", y)
        print(f"wrote {file}", flush=True)


def cosine(folder: Path, name: str) -> float:
    nitro = os.environ.get("NITRO", "build/release/nitro")
    with tempfile.TemporaryDirectory() as made:
        subprocess.run([nitro, "run", folder / f"{name}.onnx", "--runner", "cuda", "--input",
                        f"input={folder / name}.input.npy", "-o", made],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        got = np.load(Path(made) / "output_0.npy").astype(np.float64).ravel()
    wanted = np.load(folder / f"{name}.output.npy").astype(np.float64).ravel()
    return float(got @ wanted / np.linalg.norm(got) / np.linalg.norm(wanted))


def check(folder: Path):
    names = sorted(file.name.removesuffix(".onnx") for file in folder.glob("*.onnx"))
    worst = 1.0
    for name in names:
        found = cosine(folder, name)
        worst = min(worst, found)
        print(f"{name:36} {found:.7f}", flush=True)
    if not names or worst < WORST:
        sys.exit(f"architectures.py: {len(names)} models, the worst cosine is {worst:.7f}")


def main():
    verbs = {"export": export, "check": check}
    if len(sys.argv) != 3 or sys.argv[1] not in verbs:
        sys.exit(__doc__)
    verbs[sys.argv[1]](Path(sys.argv[2]))


if __name__ == "__main__":
    main()
