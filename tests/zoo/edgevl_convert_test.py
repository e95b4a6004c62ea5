"""Checkpoints to safetensors: what is kept, what is left out, what is refused, what never runs."""

import os
import pathlib
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch", reason="reads PyTorch checkpoints")
safetensors_torch = pytest.importorskip("safetensors.torch", reason="reads what was written")

from nitro import edgevl  # noqa: E402


def convert(tmp_path, checkpoint):
    source, target = tmp_path / "in.pth", tmp_path / "out.safetensors"
    torch.save(checkpoint, source)
    code = edgevl.main(["convert", str(source), str(target)])
    return code, target


def state():
    generator = torch.Generator().manual_seed(7)
    return {"head.weight": torch.randn(4, 3, generator=generator),
            "head.bias": torch.randn(4, generator=generator)}


@pytest.mark.parametrize("wrap", [
    lambda plain: plain,
    lambda plain: {"model": plain, "epoch": 3, "max_accuracy": 0.5},
    lambda plain: {"state_dict": {f"module.{name}": value for name, value in plain.items()}},
    lambda plain: {"model": {f"module.student.{name}": value for name, value in plain.items()}},
    lambda plain: {"model": {"student": plain}},
])
def test_finds_the_parameters(wrap, tmp_path):
    code, target = convert(tmp_path, wrap(state()))
    assert code == 0
    loaded = safetensors_torch.load_file(target)
    assert loaded.keys() == state().keys()
    assert all(torch.equal(loaded[name], value) for name, value in state().items())
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_a_prefix_that_not_all_names_share_is_part_of_the_name(tmp_path):
    tensors = {"model.a": torch.ones(1), "b": torch.ones(2)}
    _, target = convert(tmp_path, tensors)
    assert safetensors_torch.load_file(target).keys() == tensors.keys()


def test_leaves_out_what_inference_does_not_use(tmp_path, capsys):
    extra = {"weight_rgb": torch.ones(1), "cross_weight": torch.tensor(0.1),
             "layers.0.blocks.0.attn.relative_position_index": torch.zeros(49, 49).long(),
             "layers.0.blocks.1.attn_mask": torch.zeros(64, 49, 49),
             "layers.0.blocks.0.attn.qkv._input_quantizer._amax": torch.tensor(2.0)}
    code, target = convert(tmp_path, state() | extra)
    assert code == 0
    assert safetensors_torch.load_file(target).keys() == state().keys()
    told = capsys.readouterr().err
    assert "left out 2 unused scalars: weight_rgb, cross_weight" in told
    assert "1 ranges of quantisers" in told


@pytest.mark.parametrize("dtype,stored", [(torch.float16, torch.float16),
                                          (torch.bfloat16, torch.bfloat16),
                                          (torch.float64, torch.float32)])
def test_keeps_the_precision(dtype, stored, tmp_path):
    tensors = {name: value.to(dtype) for name, value in state().items()}
    _, target = convert(tmp_path, tensors)
    loaded = safetensors_torch.load_file(target)
    assert all(torch.equal(loaded[name], value.to(stored)) for name, value in tensors.items())


def test_writes_the_elements_of_a_view_and_not_its_storage(tmp_path):
    tensors = {"a": torch.arange(12.0).reshape(3, 4).T, "scalar": torch.tensor(3.0),
               "empty": torch.zeros(0, 2)}
    _, target = convert(tmp_path, tensors)
    loaded = safetensors_torch.load_file(target)
    assert all(torch.equal(loaded[name], value) for name, value in tensors.items())


class Payload:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_executes_no_code(tmp_path, capsys):
    trace = tmp_path / "executed"
    code, target = convert(tmp_path, {"model": state(), "config": Payload(str(trace))})
    assert code == edgevl.BAD_INPUT
    assert not trace.exists() and not target.exists()
    told = capsys.readouterr().err
    assert "mkdir" in told and "executes no code" in told and "weights_only" not in told


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04" + bytes(40),
                                     b"\x80\x02" + bytes(20)])
def test_refuses_what_is_no_checkpoint(content, tmp_path, capsys):
    source = tmp_path / "in.pth"
    source.write_bytes(content)
    code = edgevl.main(["convert", str(source), str(tmp_path / "out")])
    assert code == edgevl.BAD_INPUT
    assert capsys.readouterr().err.startswith("error: ")


def test_refuses_every_truncation(tmp_path):
    whole = tmp_path / "whole.pth"
    torch.save(state(), whole)
    content = whole.read_bytes()
    for size in range(0, len(content), 61):
        part = tmp_path / "part.pth"
        part.write_bytes(content[:size])
        assert edgevl.main(["convert", str(part), str(tmp_path / "out")]) == edgevl.BAD_INPUT, size


@pytest.mark.parametrize("checkpoint", [{}, {"model": {}}, [1, 2], torch.ones(2), {"a": "b"},
                                        {"weight_rgb": torch.ones(1)},
                                        {"a": torch.ones(2).long()}])
def test_refuses_a_checkpoint_without_parameters(checkpoint, tmp_path):
    assert convert(tmp_path, checkpoint)[0] == edgevl.BAD_INPUT


def test_refuses_missing_files_and_folders(tmp_path):
    missing = str(tmp_path / "none.pth")
    assert edgevl.main(["convert", missing, str(tmp_path / "out")]) == edgevl.BAD_INPUT
    source = tmp_path / "in.pth"
    torch.save(state(), source)
    nowhere = str(tmp_path / "no" / "folder" / "out")
    assert edgevl.main(["convert", str(source), nowhere]) == edgevl.BAD_INPUT


@pytest.mark.parametrize("version,code", [("2.5.1+cu121", edgevl.ENVIRONMENT),
                                          ("1.13.0", edgevl.ENVIRONMENT), ("2.6.0", 0),
                                          ("2.10.0a0+git1234", 0)])
def test_demands_a_pytorch_that_executes_no_code(version, code, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(torch, "__version__", version)
    assert convert(tmp_path, state())[0] == code
    assert ("torch>=2.6" in capsys.readouterr().err) == (code != 0)


def test_runs_as_a_module(tmp_path):
    source, target = tmp_path / "in.pth", tmp_path / "out.safetensors"
    torch.save(state(), source)
    root = pathlib.Path(__file__).parents[2]
    subprocess.run([sys.executable, "-m", "nitro.edgevl", "convert", source, target], check=True,
                   env=os.environ | {"PYTHONPATH": str(root / "python")})
    assert target.exists()
