"""Runs `nitro eval` for the tests."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NITRO = os.environ.get("NITRO_BINARY", str(ROOT / "build/release/nitro"))
for package in ("numpy", "onnx", "PIL"):  # before eval_data is imported
    pytest.importorskip(package)
sys.path.insert(0, str(ROOT / "python"))

needs_ort = pytest.mark.skipif(importlib.util.find_spec("onnxruntime") is None,
                               reason="onnxruntime is not installed")


def nitro_eval(*words, runner="reference"):
    environment = dict(os.environ, NITRO_PYTHON=sys.executable, NO_COLOR="", TERM="xterm")
    return subprocess.run([NITRO, "eval", *map(str, words), "--runner", runner],
                          capture_output=True, timeout=300, env=environment)


def succeed(*words, **options):
    done = nitro_eval(*words, **options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def document(*words, **options):
    return json.loads(succeed(*words, "--json", **options))


def refused(code, *words, **options):
    """The message of an evaluation that ends with the exit code `code`."""
    done = nitro_eval(*words, **options)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr.decode())
    assert b"\x1b" not in done.stderr
    return done.stderr.decode()


def valid(result, folder):
    """`result`, checked against the schema."""
    path = folder / "checked.json"
    path.write_text(json.dumps(result))
    done = subprocess.run([sys.executable, ROOT / "tests/validate_result.py", path],
                          capture_output=True, check=False)
    assert done.returncode in (0, 77), done.stderr.decode()
    return result
