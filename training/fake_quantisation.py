"""8-bit integers in training, as EdgeVL has them: symmetric, zero point 0.

Values are rounded to what the integer stands for; gradients pass as if they were not (straight
through) but for values beyond the range. Weights have a range per output channel, their greatest
magnitude; activations one per tensor, a moving average of the greatest magnitude of each batch.
"""

import torch
from torch import nn
from torch.nn import functional

LEVELS = 127
MOMENTUM = 0.99


def scale_of(amax: torch.Tensor) -> torch.Tensor:
    return (amax / LEVELS).clamp(min=1e-12)


class FakeQuantisation(nn.Module):
    """Of one activation; learns its range in training. The identity where not `enabled`."""

    def __init__(self, enabled: bool):
        super().__init__()
        self.enabled = enabled
        if enabled:
            self.register_buffer("_amax", torch.zeros(()))
            self.register_buffer("zero", torch.zeros((), dtype=torch.int32), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.enabled:
            return x
        if self.training:
            with torch.no_grad():
                least, greatest = torch.aminmax(x)
                seen = torch.maximum(-least, greatest).float()
                # The first batch counts whole.
                momentum = torch.where(self._amax == 0, 0.0, MOMENTUM)
                self._amax.copy_(momentum * self._amax + (1 - momentum) * seen)
        return torch.fake_quantize_per_tensor_affine(x, scale_of(self._amax), self.zero, -LEVELS,
                                                     LEVELS)


class QuantisedLinear(nn.Linear):
    """nn.Linear in the type of its input, where `quantised` with 8-bit input and weight."""

    def __init__(self, inputs: int, outputs: int, bias: bool = True, quantised: bool = False):
        super().__init__(inputs, outputs, bias)
        nn.init.trunc_normal_(self.weight, std=0.02)
        if bias:
            nn.init.zeros_(self.bias)
        self.input_quantizer = FakeQuantisation(quantised)
        if quantised:
            self.register_buffer("zeros", torch.zeros(outputs, dtype=torch.int32),
                                 persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.weight
        if self.input_quantizer.enabled:
            x = self.input_quantizer(x)
            scales = scale_of(weight.detach().abs().amax(1))
            weight = torch.fake_quantize_per_channel_affine(weight, scales, self.zeros, 0, -LEVELS,
                                                            LEVELS)
        bias = None if self.bias is None else self.bias.to(x.dtype)
        return functional.linear(x, weight.to(x.dtype), bias)
