"""The student of training against the zoo's, and its 8-bit products."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="trains with PyTorch")
pytest.importorskip("onnxruntime", reason="executes the exported graph")

from exported import export, parameters, run  # noqa: E402
from timm_models import in_torch_layout  # noqa: E402

from training import checkpoint  # noqa: E402
from training.fake_quantisation import FakeQuantisation, QuantisedLinear  # noqa: E402
from training.student import SwinStudent  # noqa: E402

SIZES = {"edgevl-swin-nano": (32, (2, 2, 6, 2), 384), "edgevl-swin-t": (96, (2, 2, 6, 2), 1024)}
SEED = 20240731


def in_f16(model):
    return {name: value.detach().half() for name, value in model.named_parameters()}


@pytest.mark.parametrize("name", SIZES)
def test_has_the_parameters_of_the_zoo(name, tmp_path):
    constants = parameters(export(name, tmp_path, "--weights", "random"))
    ours = {key: tuple(value.shape) for key, value in SwinStudent(*SIZES[name]).named_parameters()}
    zoo = {key: tuple(in_torch_layout(constants[key], key).shape)
           for key in ours.keys() & constants.keys()}
    assert ours == zoo
    unnamed = [key for key, value in constants.items() if key not in ours and value.size > 1]
    assert all(key.endswith(("relative_position_index", "attn_mask")) or
               constants[key].dtype == np.int64 for key in unnamed), unnamed


def test_the_zoo_computes_what_was_trained(tmp_path):
    torch.manual_seed(SEED)
    model = SwinStudent(*SIZES["edgevl-swin-nano"]).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():  # none as it begins, which hides mistakes
            value += 0.02 * torch.randn_like(value)
    checkpoint.write(tmp_path / "student.safetensors", in_f16(model), {})
    assert (tmp_path / "student.safetensors").stat().st_size < 8_000_000
    path = export("edgevl-swin-nano", tmp_path, "--batch", "2", "--weights",
                  str(tmp_path / "student.safetensors"))
    model.load_state_dict({name: value.float() for name, value in in_f16(model).items()})
    image = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        theirs = model(image).numpy()
    ours = run(path, {"image": image.numpy()})[0]
    assert theirs.std() > 0.1 and np.abs(theirs[0] - theirs[1]).max() > 1e-2
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-5)


def test_activations_are_rounded_within_a_range_that_follows_them():
    quantizer = FakeQuantisation(True)
    x = torch.tensor([-2.54, 0.011, 1.0], requires_grad=True)
    y = quantizer(x)
    torch.testing.assert_close(y, torch.tensor([-2.54, 0.02, 1.0]))
    y.sum().backward()
    assert x.grad.tolist() == [1, 1, 1]
    quantizer(torch.tensor([5.08]))
    assert 2.54 < float(quantizer._amax) < 5.08
    quantizer.eval()
    before = float(quantizer._amax)
    x = torch.tensor([100.0], requires_grad=True)
    quantizer(x).backward()
    assert float(quantizer._amax) == before
    assert x.grad.item() == 0, "no gradient beyond the range"


def test_weights_have_a_range_per_channel():
    layer = QuantisedLinear(2, 2, quantised=True)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[127.0, 0.4], [0.127, 0.0004]]))
    columns = layer(torch.eye(2)).T
    torch.testing.assert_close(columns, torch.tensor([[127.0, 0.0], [0.127, 0.0]]))
    layer(torch.ones(1, 2)).sum().backward()
    assert layer.weight.grad.eq(1).all()


def test_products_in_8_bits_stay_close(tmp_path):
    torch.manual_seed(SEED)
    plain = SwinStudent(32, (2, 2), 64, 56).eval()
    eight = SwinStudent(32, (2, 2), 64, 56, quantised=True)
    fit = eight.load_state_dict(plain.state_dict(), strict=False)
    assert all(name.endswith("._amax") for name in fit.missing_keys)
    image = torch.randn(4, 3, 56, 56)
    with torch.no_grad():
        eight(image)  # finds the ranges
        cosine = torch.cosine_similarity(eight.eval()(image), plain(image))
    assert 0.99 < cosine.min() and cosine.max() < 1


def test_stages_need_an_image_of_their_size():
    with pytest.raises(ValueError, match="224 pixels"):
        SwinStudent(32, (2, 2, 6, 2), 384, 112)
