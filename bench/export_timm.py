#!/usr/bin/env python3
"""Writes a model of timm, with random parameters, as ONNX.

    export_timm.py NAME EXPORTER FILE      EXPORTER: torchscript or dynamo
"""

import sys

import timm
import torch


def main():
    name, exporter, path = sys.argv[1:]
    if exporter not in ("torchscript", "dynamo"):
        sys.exit(f"export_timm.py: no exporter is called '{exporter}'")
    torch.manual_seed(0)
    model = timm.create_model(name, pretrained=False, exportable=True).eval()
    image = torch.zeros(1, *model.default_cfg["input_size"])
    torch.onnx.export(model, (image,), path, input_names=["image"], output_names=["scores"],
                      dynamo=exporter == "dynamo", external_data=False, opset_version=18)


if __name__ == "__main__":
    main()
