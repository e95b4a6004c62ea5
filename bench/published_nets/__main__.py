"""The networks whose latency on the Jetson Nano others have published, as ONNX files.

    python bench/published_nets list
    python bench/published_nets export FOLDER [NAME...]     needs torch, timm and onnx

A name is NET@HEIGHTxWIDTH, or NET@bN for the Caffe models, which have one size, with a batch of N.
src/predict/published/latencies.csv has the latencies. export writes NAME.onnx and weights.bin, and prints the
multiply-accumulates (MACs) and parameters of each network beside the published ones; it fails where they
differ by more than 4 %.
"""

import sys
from pathlib import Path

from export import export
from table import nets


def main():
    table = nets()
    if sys.argv[1:] == ["list"]:
        print("\n".join(table))
        return
    if len(sys.argv) < 3 or sys.argv[1] != "export":
        sys.exit(__doc__)
    folder, names = Path(sys.argv[2]), sys.argv[3:] or list(table)
    if unknown := [name for name in names if name not in table]:
        sys.exit(f"published_nets: no network is named {', '.join(unknown)}")
    folder.mkdir(parents=True, exist_ok=True)
    if wrong := [name for name in names if not export(folder, name, table[name])]:
        sys.exit(f"published_nets: not as published: {', '.join(wrong)}")


main()
