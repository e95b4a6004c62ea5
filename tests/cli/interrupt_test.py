"""Ctrl-C in long commands, end to end. Run with pytest, as cli_test.py."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import cli_models as models
import operators_test as operators
import pytest
from cli_test import NITRO, ROOT, needs_ort

# Far longer than a test may take: only the interrupt ends it.
LONG = ["--repetitions", "1000"]
ENDLESS = ["--repetitions", "1", "--iterations", "1000000000", "--duration", "600"]


class Started:
    """Nitro with a temporary folder of its own."""

    def __init__(self, folder, *words):
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        environment = dict(os.environ, NITRO_PYTHON=sys.executable, TMPDIR=str(self.scratch))
        self.process = subprocess.Popen([NITRO, *map(str, words)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=environment,
                                        preexec_fn=lambda: signal.signal(signal.SIGHUP,
                                                                         signal.SIG_DFL))

    def wait_for(self, words):
        for line in self.process.stderr:
            if words.encode() in line:
                return
        raise AssertionError(f"it ended without '{words}'")

    def wait_for_runner(self):
        while not self.runners():
            assert self.process.poll() is None
            time.sleep(0.01)

    def runners(self):
        """Processes, besides Nitro, that were told of this scratch folder."""
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
            try:
                own = path.parent.name == str(self.process.pid)
                if not own and f"TMPDIR={self.scratch}".encode() in path.read_bytes():
                    found.append(path.parent.name)
            except OSError:
                pass
        return found

    def end(self, sent=signal.SIGINT):
        self.process.send_signal(sent)
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out.decode(), err.decode()

    def expect_nothing_left(self):
        # The kernel kills the runner of a process that ended at once; that takes a moment.
        for _ in range(3000):
            if not self.runners() and not list(self.scratch.iterdir()):
                return
            time.sleep(0.01)
        assert self.runners() == [] and list(self.scratch.iterdir()) == []


def valid(path):
    result = json.loads(path.read_text())
    schema = json.loads((ROOT / "docs/result.schema.json").read_text())
    pytest.importorskip("jsonschema").validate(result, schema)
    assert result["interrupted"] is True
    return result


@needs_ort
@pytest.mark.parametrize("phase", ["opening", "timing, process 1 of", "timing, process 3 of"])
def test_profile_ends_with_a_valid_part(tmp_path, phase):
    path = models.image_model(tmp_path / "m.onnx")
    started = Started(tmp_path, "profile", path, *LONG, "--duration", 0, "--warmup", 0, "-o",
                      tmp_path / "r.json", "--report", tmp_path / "r.html")
    started.wait_for(phase)
    code, out, _ = started.end()
    assert code == 130
    result = valid(tmp_path / "r.json")
    assert len(result["baseline"]["samples_ns"]) >= 1
    assert "not profiled" in out
    assert "Interrupted" in (tmp_path / "r.html").read_text()
    started.expect_nothing_left()


@needs_ort
def test_a_timing_under_way_ends_early(tmp_path):
    path = models.image_model(tmp_path / "m.onnx")
    started = Started(tmp_path, "profile", path, *ENDLESS, "--warmup", 0, "-o", tmp_path / "r.json")
    started.wait_for("timing, process 1 of")
    started.wait_for_runner()
    time.sleep(0.7)  # until it samples, most likely; the outcome is the same if not
    code, _, _ = started.end()
    assert code == 130
    summary = valid(tmp_path / "r.json")["baseline"]["summary"]
    assert summary["stop_reason"] == "interrupted" and summary["n"] >= 1
    started.expect_nothing_left()


@needs_ort
@pytest.mark.parametrize("words, phase", [
    (["--ablation-repetitions", "1000"], "variants side by side, process 2 of"),
    (["--no-ablation", *LONG], "baseline against optimized, process 1 of"),
    (["--no-ablation", *LONG], "baseline against optimized, process 2 of"),
])
def test_optimize_ends_with_a_valid_part(tmp_path, words, phase):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    started = Started(tmp_path, "optimize", path, *words, "--threads", 1, "-o", tmp_path)
    started.wait_for(phase)
    code, out, _ = started.end()
    assert code == 130
    result = valid(tmp_path / "gelu.result.json")
    assert result["baseline"]["samples_ns"] and result["optimized"]["samples_ns"]
    assert result["numerics"] == [] and "not compared" in out
    assert (tmp_path / "gelu.opt.onnx").exists() and (tmp_path / "gelu.recipe.toml").exists()
    started.expect_nothing_left()


def test_the_reference_runner_ends_early_too(tmp_path):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    started = Started(tmp_path, "profile", path, "--runner", "reference", *ENDLESS, "-o",
                      tmp_path / "r.json")
    started.wait_for("timing, process 1 of")
    code, _, _ = started.end(signal.SIGTERM)
    assert code == 143
    assert valid(tmp_path / "r.json")["baseline"]["summary"]["stop_reason"] == "interrupted"
    started.expect_nothing_left()


@needs_ort
@pytest.mark.parametrize("verb", ["profile", "optimize"])
def test_the_second_signal_ends_it_at_once(tmp_path, verb):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    more = ENDLESS if verb == "profile" else ["--no-ablation", *LONG]
    output = tmp_path / "r.json" if verb == "profile" else tmp_path
    started = Started(tmp_path, verb, path, *more, "-o", output)
    started.wait_for("process 1 of")
    started.process.send_signal(signal.SIGINT)
    started.wait_for("again to stop")
    time.sleep(0.3)  # sooner, it would be the same signal
    code, _, _ = started.end()
    assert code == 130
    started.expect_nothing_left()


def silent_runner(folder):
    path = folder / "python"
    path.write_text("#!/bin/sh\nexec sleep 600\n")
    path.chmod(0o755)
    return ["--python", path]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_ends_at_once_and_leaves_nothing(tmp_path, sent):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    started = Started(tmp_path, "run", path, *silent_runner(tmp_path))
    started.wait_for_runner()
    code, _, _ = started.end(sent)
    assert code == 128 + sent
    started.expect_nothing_left()


@pytest.mark.parametrize("verb", ["profile", "optimize"])
def test_the_run_that_learns_types_ends_early(tmp_path, verb):
    path = operators.save(tmp_path / "m.onnx", operators.CONTRIB)
    started = Started(tmp_path, verb, path, *silent_runner(tmp_path))
    started.wait_for_runner()
    code, _, _ = started.end()
    assert code == 130
    started.expect_nothing_left()
