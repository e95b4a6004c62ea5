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


def fake_quantised(x: torch.Tensor, amax: torch.Tensor) -> torch.Tensor:
    """`x` rounded to multiples of amax / 127, clipped to ±amax."""
    amax = amax.to(x.dtype)
    scale = (amax / LEVELS).clamp(min=1e-12)
    clipped = torch.clamp(x, -amax, amax)
    return clipped + (torch.round(clipped / scale) * scale - clipped).detach()


class FakeQuantisation(nn.Module):
    """Of one activation; learns its range in training. The identity where not `enabled`."""

    def __init__(self, enabled: bool):
        super().__init__()
        self.enabled = enabled
        if enabled:
            self.register_buffer("_amax", torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.enabled:
            return x
        if self.training:
            with torch.no_grad():
                seen = x.detach().abs().amax().float()
                # The first batch counts whole.
                momentum = torch.where(self._amax == 0, 0.0, MOMENTUM)
                self._amax.copy_(momentum * self._amax + (1 - momentum) * seen)
        return fake_quantised(x, self._amax)


class QuantisedLinear(nn.Linear):
    """nn.Linear, where `quantised` with 8-bit input and weight; the bias stays float."""

    def __init__(self, inputs: int, outputs: int, bias: bool = True, quantised: bool = False):
        super().__init__(inputs, outputs, bias)
        nn.init.trunc_normal_(self.weight, std=0.02)
        if bias:
            nn.init.zeros_(self.bias)
        self.quantised = quantised
        self.input_quantizer = FakeQuantisation(quantised)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.quantised:
            return super().forward(x)
        amax = self.weight.detach().abs().amax(1, keepdim=True)
        return functional.linear(self.input_quantizer(x), fake_quantised(self.weight, amax),
                                 self.bias)
