"""Imports what both exporters of PyTorch write for a small ViT of timm: Nitro computes what PyTorch
does, and finds the module of each node.

    python torch_export_test.py NITRO_CONFORMANCE_TEST

Exit 77: torch, timm or onnx are missing.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import onnx
    import timm
    import torch
    from onnx import numpy_helper
except ImportError:
    sys.exit(77)

MODULES = {"patch_embed.proj", "blocks.0.norm1", "blocks.0.attn.qkv", "blocks.1.mlp.fc2", "norm", "head"}


def write_case(folder, model, x, dynamo):
    data = folder / "test_data_set_0"
    data.mkdir(parents=True)
    torch.onnx.export(model, (x,), str(folder / "model.onnx"), dynamo=dynamo, external_data=False)
    with torch.no_grad():
        y = model(x)
    (data / "input_0.pb").write_bytes(numpy_helper.from_array(x.numpy()).SerializeToString())
    (data / "output_0.pb").write_bytes(numpy_helper.from_array(y.numpy()).SerializeToString())


def main(runner):
    torch.manual_seed(1)
    model = timm.create_model("vit_tiny_patch16_224", img_size=32, depth=2, num_classes=4).eval()
    # Outputs near 1, because the runner's tolerance is relative.
    torch.nn.init.ones_(model.head.bias)
    x = torch.rand(1, 3, 32, 32)
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        write_case(root / "node" / "dynamo", model, x, True)
        write_case(root / "node" / "script", model, x, False)
        (root / "manifest.txt").write_text("pass dynamo\npass script\n")
        environment = {**os.environ, "NITRO_ONNX_TESTDATA": str(root)}
        subprocess.run([runner, root / "manifest.txt", "--exported", root], check=True, env=environment)
        for name in ("dynamo", "script"):
            metadata = (entry for node in onnx.load(root / f"{name}.onnx").graph.node for entry in node.metadata_props)
            found = {module for entry in metadata if entry.key == "nitro.origins" for _, module in json.loads(entry.value)}
            if not MODULES <= found:
                print(f"{name}: no node of", *sorted(MODULES - found))
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
