"""Predictions for devices that are not here, end to end. Run with pytest, as cli_test.py."""

import pytest
from cli_test import ROOT, document, image_model, nitro, succeed  # noqa: F401


def test_predictions_say_so_and_changes_go_the_right_way():
    model = "zoo:edgevl-vit-s"
    found = document("predict", model, "--what-if", "fp32,fuse,batch=2")
    assert found["device"] == "jetson-nano" and found["precision"] == "fp16"
    assert found["low_ns"] < found["predicted_ns"] < found["high_ns"]
    assert sum(layer["predicted_ns"] for layer in found["layers"]) == pytest.approx(found["predicted_ns"])
    changes = {change["change"]: change["after_ns"] / change["before_ns"] for change in found["what_if"]}
    assert changes["fp32"] >= 1 >= changes["fuse"]
    text = succeed("predict", model, "--top", "3")
    assert "predicted" in text and "3 of" in text
    assert max(map(len, text.splitlines())) <= 100
    orin = document("predict", model, "--device", "jetson-orin-nano")
    assert orin["predicted_ns"] < found["predicted_ns"]
    assert orin["runtime"] == "tensorrt-10-ampere" and orin["measured_device"]
    assert not document("predict", model, "--device", "jetson-tx2")["measured_device"]


@pytest.mark.parametrize("words", [
    ["--device", "jetson-nana"], ["--runtime", "tensorrt-7"], ["--precision", "int8"], ["--what-if", "int8"],
    ["--what-if", "clock=fast"]])
def test_predictions_that_cannot_be_made_exit_2(image_model, words):  # noqa: F811
    done = nitro("predict", image_model, *words)
    assert done.returncode == 2 and not done.stdout


def test_devices_of_the_user(tmp_path, image_model):  # noqa: F811
    names = [device["name"] for device in document("devices")["devices"]]
    assert names == sorted(names) and "jetson-nano" in names
    mine = (ROOT / "src/predict/devices/jetson-nano.toml").read_text().replace("921.6", "460.8")
    (tmp_path / "slow.toml").write_text(mine)
    slow = document("predict", image_model, "--device", tmp_path / "slow.toml")
    assert slow["predicted_ns"] >= document("predict", image_model)["predicted_ns"]
    folder = tmp_path / "config/nitro/devices"
    folder.mkdir(parents=True)
    (folder / "bad.toml").write_text("name = 1\n")
    done = nitro("devices", env={"XDG_CONFIG_HOME": str(tmp_path / "config")})
    assert done.returncode == 3 and b"bad.toml" in done.stderr
