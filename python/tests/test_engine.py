"""The Python class of the CUDA engine. What needs a GPU or the built library is skipped without."""

import os
import pathlib
import subprocess
import sys
import types

import pytest

numpy = pytest.importorskip("numpy")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))
from nitro import engine as module  # noqa: E402
from nitro.device_array import DeviceArray, is_on_device  # noqa: E402
from nitro.engine import Engine, EngineError, Port  # noqa: E402

NITRO = os.environ.get("NITRO_BINARY", str(ROOT / "build/release/nitro"))


def on_device(typestr="<f4", shape=(2, 3), strides=None, address=512):
    """Something that says that it is in a GPU's memory."""
    interface = {"typestr": typestr, "shape": shape, "strides": strides, "data": (address, False)}
    return types.SimpleNamespace(__cuda_array_interface__=interface)


def port(name="x", dtype="f32", shape=(2, 3)):
    made = object.__new__(Port)
    made.name, made.dtype, made.shape = name, dtype, shape
    return made


@pytest.fixture
def engine():
    """Without a device: only what happens before it is called."""
    made = object.__new__(Engine)
    made._engine = None
    made._library = None
    made.inputs = [port("x"), port("y")]
    made.outputs = [port("z")]
    return made


def test_a_missing_library_is_an_error_with_a_remedy():
    with pytest.raises(EngineError) as caught:
        Engine("x.plan", library="/nonexistent.so")
    assert caught.value.code == "environment" and "NITRO_ENGINE_LIBRARY" in caught.value.hint


def test_arrays_on_the_device_are_seen_where_they_are():
    view = DeviceArray(on_device())
    assert (view.address, view.dtype, view.shape) == (512, "f32", (2, 3))
    assert DeviceArray(on_device(strides=(12, 4))).shape == (2, 3)
    assert DeviceArray(on_device(shape=(1, 3), strides=(99, 4))).shape == (1, 3)
    assert DeviceArray(on_device("|b1")).dtype == "bool"


@pytest.mark.parametrize("array", [
    on_device(strides=(4, 8)), on_device("<c8"), on_device(">f4"), numpy.zeros(3), [1, 2], None,
])  # fmt: skip
def test_what_cannot_be_used_in_place_is_refused(array):
    with pytest.raises((TypeError, ValueError)):
        DeviceArray(array)


def test_arrays_of_the_host_are_not_on_the_device():
    assert not is_on_device(numpy.zeros(3))
    torch = pytest.importorskip("torch")
    assert not is_on_device(torch.zeros(3))


@pytest.mark.parametrize("inputs, code", [
    ({"x": numpy.zeros((2, 3), "f4")}, "shape_mismatch"),
    ({"x": 1, "y": 2, "w": 3}, "usage"),
    (numpy.zeros((2, 3), "f4"), "usage"),
    ({"x": numpy.zeros((2, 3), "f8"), "y": numpy.zeros((2, 3), "f4")}, "shape_mismatch"),
    ({"x": numpy.zeros((3, 2), "f4"), "y": numpy.zeros((2, 3), "f4")}, "shape_mismatch"),
    ({"x": on_device(), "y": on_device()}, "usage"),
    ({"x": on_device(), "y": numpy.zeros((2, 3), "f4")}, "usage"),
])  # fmt: skip
def test_wrong_inputs_are_named_before_anything_runs(engine, inputs, code):
    with pytest.raises(EngineError) as caught:
        engine.run(inputs, stream=0)
    assert caught.value.code == code


@pytest.mark.parametrize("bad, code", [
    (on_device(address=516), "usage"), (on_device("<f2"), "shape_mismatch"),
    (on_device(shape=(6,)), "shape_mismatch"), (on_device(strides=(4, 8)), "usage"),
])  # fmt: skip
def test_wrong_device_arrays_are_named(engine, bad, code):
    with pytest.raises(EngineError) as caught:
        engine.run({"x": on_device(), "y": bad}, {"z": on_device()}, stream=0)
    assert caught.value.code == code and "y" in str(caught.value)


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    if not pathlib.Path(NITRO).exists() or not pathlib.Path(module.find_library()).exists():
        pytest.skip("nitro and nitro_engine are not built")
    path = tmp_path_factory.mktemp("plan") / "vit.plan"
    subprocess.run([NITRO, "export", "zoo:edgevl-vit-s", "--plan", "-o", path], check=True,
                   capture_output=True)
    return path


def loaded(plan):
    try:
        return Engine(plan)
    except EngineError as error:
        assert error.code == "environment" and error.hint, error
        pytest.skip(str(error))


def test_a_damaged_plan_is_no_plan(plan, tmp_path):
    damaged = tmp_path / "x.plan"
    damaged.write_bytes(plan.read_bytes()[:-5])
    with pytest.raises(EngineError) as caught:
        Engine(damaged)
    assert caught.value.code == "bad_file" and "x.plan" in str(caught.value)
    with pytest.raises(EngineError) as caught:
        Engine(tmp_path / "missing.plan")
    assert caught.value.code == "input_output"


def test_numpy_and_torch_agree_without_a_copy(plan):
    engine = loaded(plan)
    torch = pytest.importorskip("torch")
    shape = engine.inputs[0].shape
    x = numpy.random.default_rng(1).standard_normal(shape).astype("f4")
    name = engine.outputs[0].name
    wanted = engine.run(x)[name]
    assert numpy.isfinite(wanted).all() and numpy.abs(wanted).max() > 0
    tensor = torch.from_numpy(x).cuda()
    outputs = engine.run(tensor)
    again = engine.run(tensor, outputs)
    assert again[name] is outputs[name] and outputs[name].is_cuda
    torch.cuda.synchronize()
    assert (outputs[name].cpu().numpy() == wanted).all()
    assert (engine.run(x)[name] == wanted).all()
