#!/usr/bin/env python3
"""Folders of src/ are layers, and a lower layer never includes a higher one."""

import pathlib
import re
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src"

# Lowest first. A layer may include itself and every layer before it.
LAYERS = (
    "base ir image cost reference onnx zoo passes plan cuda measure trace runner eval calibrate profile "
    "predict optimize search report synth cli"
).split()
ALLOWED = {layer: set(LAYERS[: i + 1]) for i, layer in enumerate(LAYERS)}
ALLOWED["agent"] = {"agent", "base", "plan", "cuda", "measure", "runner"}
INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]+)"')


def problems_of(line, layer):
    """Why `line` of a file in `layer` breaks the order, or None."""
    match = INCLUDE.match(line)
    if not match:
        return None
    folder, slash, _ = match[1].partition("/")
    if not slash:
        generated = match[1].endswith((".pb.h", "_embedded.h"))  # these have no folder
        return None if generated else f'"{match[1]}" needs its layer in front'
    if folder not in ALLOWED:
        return f'"{match[1]}" is in no known layer'
    if folder not in ALLOWED[layer]:
        return f"{layer} must not include {folder}"
    return None


def violations(source):
    found = []
    for path in sorted(source.rglob("*")):
        if path.suffix not in (".h", ".cc") or path.parent == source:
            continue
        layer = path.relative_to(source).parts[0]
        if layer not in ALLOWED:
            found.append(f"{path.relative_to(source.parent)}: {layer} is no known layer")
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            problem = problems_of(line, layer)
            if problem:
                found.append(f"{path.relative_to(source.parent)}:{number}: {problem}")
    return found


class LayersTest(unittest.TestCase):
    def violations_of(self, files):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "src"
            for name, text in files.items():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                (source / name).write_text(text)
            return violations(source)

    def test_this_tree(self):
        self.assertTrue(list(SOURCE.rglob("*.h")), "no sources found")
        found = violations(SOURCE)
        self.assertFalse(found, "\n" + "\n".join(found))

    def test_higher_layer(self):
        found = self.violations_of({"ir/a.h": '#pragma once\n  # include "onnx/b.h"\n'})
        self.assertEqual(found, ["src/ir/a.h:2: ir must not include onnx"])

    def test_agent(self):
        found = self.violations_of({"agent/a.cc": '#include "runner/a.h"\n#include "ir/b.h"\n'})
        self.assertEqual(found, ["src/agent/a.cc:2: agent must not include ir"])
        found = self.violations_of({"cli/a.cc": '#include "agent/a.h"\n'})
        self.assertEqual(found, ["src/cli/a.cc:1: cli must not include agent"])

    def test_unknown_layer_and_bare_name(self):
        found = self.violations_of({"new/a.h": "", "ir/b.cc": '#include "b.h"\n#include "x/b.h"\n'})
        self.assertEqual(found, [
            'src/ir/b.cc:1: "b.h" needs its layer in front',
            'src/ir/b.cc:2: "x/b.h" is in no known layer',
            "src/new/a.h: new is no known layer",
        ])

    def test_allowed(self):
        found = self.violations_of({
            "main.cc": '#include "cli/cli.h"\n',
            "onnx/a.cc": '#include "onnx/a.h"\n#include "ir/b.h"\n#include <fmt/core.h>\n'
                         '#include "onnx-ml.pb.h"\n// #include "cli/a.h"\n',
        })
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
