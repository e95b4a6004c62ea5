"""Drives the built program as people do.

Run with pytest. NITRO_BINARY names the program; without it build/release/nitro is taken.
"""

import hashlib
import importlib.util
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NITRO = os.environ.get("NITRO_BINARY", str(ROOT / "build/release/nitro"))
np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import cli_models as models  # noqa: E402

needs_ort = pytest.mark.skipif(importlib.util.find_spec("onnxruntime") is None,
                               reason="onnxruntime is not installed")
HOSTILE = "a\x1b[31m\x1b]0;title\x07</script><img onerror=x>%s%n{}{0}\u202e\u009b\r\nb"


def nitro(*words, **options):
    environment = dict(os.environ, NITRO_PYTHON=sys.executable, NO_COLOR="", TERM="xterm")
    environment.update(options.pop("env", {}))
    return subprocess.run([NITRO, *map(str, words)], capture_output=True, timeout=300,
                          env=environment, **options)


def succeed(*words, **options):
    done = nitro(*words, **options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def document(*words):
    return json.loads(succeed(*words, "--json"), parse_constant=refuse)


def refuse(word):
    raise AssertionError(f"{word} is no JSON")


@pytest.fixture
def image_model(tmp_path):
    return models.image_model(tmp_path / "image.onnx")


# ---- usage

@pytest.mark.parametrize("words", [
    [], ["profil"], ["zoo"], ["zoo", "lst"], ["runner"], ["zoo", "list", "extra"],
    ["zoo", "list", "--jsn"], ["inspect"], ["inspect", "a", "b"], ["apply", "m.onnx"],
    ["export", "m.onnx"], ["profile", "m.onnx", "--threads", "-1"],
    ["profile", "m.onnx", "--sort", "size"], ["profile", "m.onnx", "--modalities", "rgb,rgb"],
    ["inspect", "m.onnx", "--shape", "x"], ["inspect", "zoo:none"], ["completion", "fish"],
    ["inspect", "m.onnx", "--weights", "w"], ["help", "nothing"],
    ["profile", "m.onnx", "--json", "-o", "-"],
])
def test_usage_errors_exit_2_with_a_hint_and_no_output(words):
    done = nitro(*words)
    assert done.returncode == 2
    assert done.stderr.startswith(b"nitro: error: ")
    if "--json" not in words:
        assert done.stdout == b""


def test_unknown_flags_and_verbs_are_answered_with_the_closest():
    assert b"did you mean 'profile'?" in nitro("profle").stderr
    assert b"did you mean --threads?" in nitro("profile", "m", "--thread", "2").stderr
    assert b"did you mean 'edgevl-vit-b'?" in nitro("inspect", "zoo:edgevl-vit-c").stderr


def test_failure_with_json_is_one_document():
    for words, code in [(["profil"], 2), (["inspect", "/none.onnx"], 4), (["zoo"], 2)]:
        done = nitro(*words, "--json")
        assert done.returncode == code
        error = json.loads(done.stdout)
        assert error["schema_version"] == 1
        assert set(error["error"]) == {"code", "message", "context", "hint"}


def test_help_and_version():
    assert "inspect" in succeed("--help")
    assert "--modalities" in succeed("profile", "--help")
    assert succeed("help", "profile") == succeed("profile", "--help").replace(
        "  --json                      One JSON document on stdout instead of text\n", "")
    assert succeed("--version").startswith("nitro ")
    assert document("--version")["nitro_version"] in succeed("--version")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_is_a_script_that_the_shell_accepts(shell, tmp_path):
    script = succeed("completion", shell)
    assert "profile" in script and "runner)" not in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script.encode(), check=True)


# ---- bad input

@pytest.mark.parametrize("content", [b"", b"\x00", b"not a model at all", b"\x08" * 4096,
                                     os.urandom(512)])
def test_files_that_are_no_models_exit_3(tmp_path, content):
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    done = nitro("inspect", path)
    assert done.returncode == 3, done.stderr
    assert b"bad.onnx" in done.stderr


def test_truncated_model_exits_3(tmp_path, image_model):
    content = pathlib.Path(image_model).read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(content[: len(content) // 2])
    assert nitro("inspect", path).returncode == 3


def test_folders_devices_and_absent_files_are_refused(tmp_path):
    assert nitro("inspect", tmp_path).returncode in (3, 4)
    assert nitro("inspect", "/dev/zero").returncode in (3, 4)
    assert nitro("inspect", tmp_path / "none.onnx").returncode == 4


def test_free_dimensions_ask_for_a_shape(tmp_path):
    path = models.image_model(tmp_path / "free.onnx", free=True)
    done = nitro("inspect", path)
    assert done.returncode == 3 and b"--shape" in done.stderr
    assert "f32[4,3,8,8]" in succeed("inspect", path, "--shape", "image=4x3x8x8")
    assert "f32[5,3,8,8]" in succeed("inspect", path, "--shapes", "image:5x3x8x8")
    assert nitro("inspect", path, "--shape", "imag=4x3x8x8").returncode != 0


@pytest.mark.parametrize("recipe, where", [
    ("version = 1\n[[step]]\npass = \"fuse-gelo\"\n", b"line 2"),
    ("version = 1\n[[stp]]\npass = \"fuse-gelu\"\n", b"stp"),
    ("version = 1\n[[step]\n", b"line 2"),
    ("version = 2\n", b"version"),
])
def test_bad_recipes_exit_3_and_name_the_line(tmp_path, image_model, recipe, where):
    path = tmp_path / "bad.toml"
    path.write_text(recipe)
    done = nitro("apply", image_model, "--recipe", path, "-o", tmp_path / "out.onnx")
    assert done.returncode == 3
    assert where in done.stderr and b"bad.toml" in done.stderr
    assert not (tmp_path / "out.onnx").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", "{\"schema_version\": 1, \"kind\": \"profile\"}",
                                  "[" * 100_000, "\x00"])
def test_reports_of_other_documents_are_refused(tmp_path, text):
    path = tmp_path / "result.json"
    path.write_text(text)
    for words in (["report", path, "-o", tmp_path / "page.html"], ["compare", path, path]):
        assert nitro(*words).returncode == 3
    assert not (tmp_path / "page.html").exists()


# ---- hostile names

def assert_tame(output):
    """No control character but the line feed, no C1, no bidirectional control."""
    text = output.decode("utf-8")
    bad = [c for c in text if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160
           or 0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069]
    assert not bad, repr(text)


def test_hostile_names_do_not_reach_the_terminal(tmp_path):
    path = models.image_model(tmp_path / "h.onnx", name=HOSTILE, output=HOSTILE + "o", node=HOSTILE,
                              graph=HOSTILE)
    for words in (["inspect", path], ["inspect", path, "--ir"], ["inspect", path, "--ops"],
                  ["inspect", path, "--shape", HOSTILE + "=1x2"],
                  ["run", path, "--runner", "reference"],
                  ["run", path, "--runner", "reference", "--input", f"{HOSTILE}x=random"],
                  ["run", path, "--runner", HOSTILE], [HOSTILE], ["inspect", HOSTILE],
                  ["inspect", path, "--" + HOSTILE.replace("=", "")],
                  ["apply", path, "--pass", HOSTILE, "-o", tmp_path / "x.onnx"]):
        done = nitro(*words)
        assert done.returncode in (0, 2, 3, 4), done.stderr
        assert_tame(done.stdout)
        assert_tame(done.stderr)


def test_json_keeps_hostile_names_whole(tmp_path):
    path = models.image_model(tmp_path / "h.onnx", name=HOSTILE)
    assert document("inspect", path)["inputs"][0]["name"] == HOSTILE


@needs_ort
def test_hostile_names_in_a_profile(tmp_path):
    path = models.image_model(tmp_path / "h.onnx", name=HOSTILE, node=HOSTILE, graph=HOSTILE)
    done = nitro("profile", path, "--repetitions", 1, "--duration", 0, "--warmup", 0, "--report",
                 tmp_path / "p.html", "-o", tmp_path / "p.json", "--top", 0)
    assert done.returncode == 0, done.stderr
    assert_tame(done.stdout)
    assert_tame(done.stderr)
    assert "<img onerror" not in (tmp_path / "p.html").read_text()


# ---- verbs

def test_zoo_list_and_passes_are_sorted():
    for words, key in ((["zoo", "list"], "models"), (["passes"], "passes")):
        names = [item["name"] for item in document(*words)[key]]
        assert names == sorted(names) and names
        for name in names:
            assert name in succeed(*words)


def test_inspect_counts(tmp_path):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    found = document("inspect", path)
    assert found["file_nodes"] == 5 and found["opset"] == 17
    assert found["inputs"] == [{"name": "x", "dtype": "f32", "shape": [2, 16]}]
    assert found["modules"][0]["name"] == ""
    assert sum(op["nodes"] for op in found["ops"]) == found["nodes"]
    assert succeed("inspect", path, "--ir").startswith("graph \"gelu\"\n")


def test_text_stays_within_100_columns(tmp_path):
    path = models.image_model(tmp_path / "long.onnx", name="n" * 500, node="m" * 500)
    for words in (["passes"], ["zoo", "list"], ["inspect", path], ["inspect", path, "--ops"]):
        assert max(map(len, succeed(*words).splitlines())) <= 100


def test_apply_is_deterministic_and_equal_to_its_recipe(tmp_path):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    recipe = tmp_path / "r.toml"
    recipe.write_text("version = 1\n\n[[step]]\npass = \"fuse-gelu\"\n")
    outputs = []
    for index, words in enumerate((["--pass", "fuse-gelu"], ["--pass", "fuse-gelu"],
                                   ["--recipe", recipe])):
        output = tmp_path / f"{index}.onnx"
        found = document("apply", path, *words, "-o", output)
        assert found["steps"] == [{"pass": "fuse-gelu", "changed": True,
                                   "nodes_before": found["steps"][0]["nodes_before"],
                                   "nodes_after": 1, "layers": []}]
        outputs.append(output.read_bytes())
        assert hashlib.sha256(outputs[-1]).hexdigest() == found["sha256"]
    assert outputs[0] == outputs[1] == outputs[2]
    assert nitro("apply", path, "--pass", "fuse-gelu", "-o", "-").stdout == outputs[0]


def test_only_own_files_are_replaced(tmp_path):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    mine = tmp_path / "mine.onnx"
    mine.write_text("precious")
    done = nitro("export", path, "-o", mine)
    assert done.returncode == 2 and b"--force" in done.stderr
    assert mine.read_text() == "precious"
    succeed("export", path, "-o", mine, "--force")
    succeed("export", path, "-o", mine)
    assert list(tmp_path.glob(".*")) == []


def test_export_cannot_write_into_nothing(tmp_path):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    assert nitro("export", path, "-o", tmp_path / "none" / "x.onnx").returncode == 4


def test_run_gives_what_numpy_gives(tmp_path, image_model):
    image = np.random.default_rng(5).normal(size=(1, 3, 8, 8)).astype(np.float32)
    np.save(tmp_path / "in.npy", image)
    succeed("run", image_model, "--runner", "reference", "--input", f"image={tmp_path}/in.npy", "-o",
            tmp_path / "out")
    assert np.array_equal(np.load(tmp_path / "out" / "output_0.npy"), np.maximum(image, 0))


def test_run_refuses_inputs_that_do_not_fit(tmp_path, image_model):
    np.save(tmp_path / "in.npy", np.zeros((1, 3, 8, 9), np.float32))
    (tmp_path / "text.png").write_text("no image")
    for source, code in ((f"image={tmp_path}/in.npy", 3), (f"image={tmp_path}/text.png", 3),
                         (f"image={tmp_path}/none.npy", 4), ("other=random", 2)):
        assert nitro("run", image_model, "--runner", "reference", "--input", source).returncode == code


@pytest.mark.parametrize("kind", ["colour", "grey", "depth", "palette", "alpha", "jpeg"])
def test_images_are_prepared_as_opencv_does(tmp_path, image_model, kind):
    cv2 = pytest.importorskip("cv2")
    random = np.random.default_rng(7)
    colour = cv2.GaussianBlur(random.integers(0, 256, (37, 50, 3), dtype=np.uint8), (0, 0), 1)
    path = tmp_path / ("image.jpg" if kind == "jpeg" else "image.png")
    if kind == "depth":
        depth = (random.random((37, 50)) * 9000).astype(np.uint16)
        cv2.imwrite(str(path), depth)
        spread = (depth - depth.min()) / float(depth.max() - depth.min()) * 255
        rgb = np.stack([spread.astype(np.uint8)] * 3, -1)
    elif kind == "palette":
        pil = pytest.importorskip("PIL.Image")
        pil.fromarray(colour).quantize(16).save(path)
        rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    elif kind == "alpha":
        cv2.imwrite(str(path), np.dstack([colour, colour[:, :, 0]]))
        rgb = cv2.cvtColor(colour, cv2.COLOR_BGR2RGB)
    else:
        cv2.imwrite(str(path), colour[:, :, 0] if kind == "grey" else colour)
        rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    expected = cv2.resize(rgb, (8, 8), interpolation=cv2.INTER_CUBIC).transpose(2, 0, 1)
    succeed("run", image_model, "--runner", "reference", "--pixels", "raw", "--input", path, "-o",
            tmp_path / "out")
    got = np.load(tmp_path / "out" / "output_0.npy")[0]
    # Decoders of JPEG may round differently too.
    assert np.abs(got - expected).max() <= (3 if kind == "jpeg" else 1)


def test_runner_reference_serves_the_protocol():
    done = nitro("runner", "reference", input=b'{"id": 7, "verb": "bye"}\n')
    assert done.returncode == 0
    reply = json.loads(done.stdout)
    assert reply["id"] == 7 and reply["ok"] is True


def test_doctor_knows_that_reference_works():
    found = {item["name"]: item for item in document("doctor")["runners"]}
    assert found["reference"]["works"] is True


# ---- profile

@needs_ort
def test_profile_report_and_compare(tmp_path, image_model):
    result, page = tmp_path / "r.json", tmp_path / "r.html"
    text = succeed("profile", image_model, "--repetitions", 2, "--iterations", 12, "--duration", 0,
                   "--warmup", 0, "--modalities", "rgb,depth", "-o", result, "--report", page,
                   "--threads", 1)
    assert "ms/frame" in text and "Relu" in text
    found = json.loads(result.read_text(), parse_constant=refuse)
    schema = json.loads((ROOT / "docs/result.schema.json").read_text())
    pytest.importorskip("jsonschema").validate(found, schema)
    assert found["kind"] == "profile" and found["workload"]["calls"] == 2
    assert len(found["baseline"]["samples_ns"]) == 2
    assert all(len(samples) >= 12 for samples in found["baseline"]["samples_ns"])
    assert found["command"][:2] == ["nitro", "profile"]
    again = tmp_path / "again.html"
    succeed("report", result, "-o", again)
    assert again.read_bytes() == page.read_bytes()
    compared = document("compare", result, result)
    assert compared["speedup"] == 1 and compared["same_machine"] is True
    assert nitro("compare", result, result, "--min-speedup", "1.5").returncode == 1


@needs_ort
def test_profile_with_json_prints_the_result_alone(image_model):
    found = document("profile", image_model, "--repetitions", 1, "--duration", 0, "--warmup", 0)
    assert found["schema_version"] == 1 and found["kind"] == "profile"


def test_a_runner_that_cannot_start_exits_4(image_model):
    done = nitro("profile", image_model, "--python", "/none/python")
    assert done.returncode == 4 and b"/none/python" in done.stderr
    assert nitro("profile", image_model, "--runner", "orrt").returncode == 2


# ---- signals and streams

@needs_ort
@pytest.mark.parametrize("sent, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("times", [1, 2])  # timeout(1) sends it to the process and to its group
def test_interrupted_profile_keeps_what_it_has(tmp_path, image_model, sent, code, times):
    result = tmp_path / "r.json"
    process = subprocess.Popen(
        [NITRO, "profile", image_model, "--repetitions", "1000", "--duration", "0", "--warmup", "0",
         "-o", str(result)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=dict(os.environ, NITRO_PYTHON=sys.executable))
    for line in process.stderr:
        if b"process 2 of" in line:
            break
    for _ in range(times):
        process.send_signal(sent)
    process.communicate(timeout=120)
    assert process.returncode == code
    assert json.loads(result.read_text())["interrupted"] is True


@needs_ort
def test_second_signal_ends_at_once(image_model):
    process = subprocess.Popen(
        [NITRO, "profile", image_model, "--duration", "600"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=dict(os.environ, NITRO_PYTHON=sys.executable))
    for line in process.stderr:
        if b"process 1 of" in line:
            break
    process.send_signal(signal.SIGINT)
    for line in process.stderr:
        if b"again to stop" in line:
            break
    time.sleep(0.3)  # sooner, it would be the same signal
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 130


def test_a_closed_pipe_is_quiet():
    process = subprocess.Popen([NITRO, "passes"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 0


def test_a_full_disk_exits_4():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([NITRO, "passes"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 4 and b"No space left" in done.stderr


def test_numbers_do_not_depend_on_the_locale(tmp_path):
    path = models.gelu_model(tmp_path / "gelu.onnx")
    assert succeed("inspect", path, env={"LC_ALL": "de_DE.UTF-8"}) == succeed("inspect", path)


def test_little_memory_is_an_error_of_the_environment(tmp_path):
    import resource

    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (96 << 20, 96 << 20))
    done = nitro("zoo", "export", "edgevl-vit-b", "-o", tmp_path / "x.onnx", preexec_fn=limit)
    assert done.returncode == 4, done.stderr
    assert b"memory" in done.stderr
