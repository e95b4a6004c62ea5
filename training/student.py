"""The Swin student, with EdgeVL's names of modules and parameters."""

import torch
from torch import nn
from torch.nn import functional

from training.fake_quantisation import FakeQuantisation, QuantisedLinear

WINDOW = 7
SHIFT = 3
HEAD_WIDTH = 32
PATCH = 4


def relative_position_index() -> torch.Tensor:
    """The row of the bias table for each pair of positions in a window, [49 * 49]."""
    axis = torch.arange(WINDOW)
    rows, columns = (grid.flatten() for grid in torch.meshgrid(axis, axis, indexing="ij"))
    row_offsets = rows[:, None] - rows[None] + WINDOW - 1
    column_offsets = columns[:, None] - columns[None] + WINDOW - 1
    return (row_offsets * (2 * WINDOW - 1) + column_offsets).flatten()


def shift_mask(side: int) -> torch.Tensor:
    """-100 between positions that only the shift brought into one window, [windows, 1, 49, 49]."""
    region = torch.zeros(side)
    region[side - WINDOW:side - SHIFT] = 1
    region[side - SHIFT:] = 2
    regions = (3 * region[:, None] + region[None])[None, ..., None]
    windows = partition(regions, side).squeeze(-1)
    return (windows[:, None] != windows[:, :, None]).float().mul(-100)[:, None]


def partition(x: torch.Tensor, side: int) -> torch.Tensor:
    """[batch, side, side, width] as windows [batch * windows, 49, width]."""
    count, width = side // WINDOW, x.shape[-1]
    x = x.reshape(-1, count, WINDOW, count, WINDOW, width).transpose(2, 3)
    return x.reshape(-1, WINDOW * WINDOW, width)


def reverse_partition(windows: torch.Tensor, side: int) -> torch.Tensor:
    """The inverse of partition."""
    count, width = side // WINDOW, windows.shape[-1]
    x = windows.reshape(-1, count, count, WINDOW, WINDOW, width).transpose(2, 3)
    return x.reshape(-1, side, side, width)


class Norm(nn.LayerNorm):
    """nn.LayerNorm in the type of its input."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.layer_norm(x, self.normalized_shape, self.weight.to(x.dtype),
                                     self.bias.to(x.dtype), self.eps)


class WindowAttention(nn.Module):
    def __init__(self, width: int, quantised: bool):
        super().__init__()
        self.heads = width // HEAD_WIDTH
        self.qkv = QuantisedLinear(width, 3 * width, quantised=quantised)
        self.proj = QuantisedLinear(width, width, quantised=quantised)
        self.relative_position_bias_table = nn.Parameter(
            torch.zeros((2 * WINDOW - 1) ** 2, self.heads))
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)
        self.register_buffer("relative_position_index", relative_position_index(),
                             persistent=False)
        self.q_quantizer = FakeQuantisation(quantised)
        self.k_quantizer = FakeQuantisation(quantised)
        self.v_quantizer = FakeQuantisation(quantised)
        self.weights_quantizer = FakeQuantisation(quantised)

    def forward(self, windows: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        count, positions, width = windows.shape
        qkv = self.qkv(windows).reshape(count, positions, 3, self.heads, HEAD_WIDTH)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        q, k, v = self.q_quantizer(q), self.k_quantizer(k), self.v_quantizer(v)
        scores = q * HEAD_WIDTH ** -0.5 @ k.transpose(-2, -1)
        bias = self.relative_position_bias_table[self.relative_position_index]
        bias = bias.reshape(1, positions, positions, self.heads).permute(0, 3, 1, 2)
        if mask is not None:
            bias = bias + mask
        grouped = scores.reshape(-1, *bias.shape) + bias.to(scores.dtype)
        weights = self.weights_quantizer(grouped.reshape(scores.shape).softmax(-1))
        return self.proj((weights @ v).transpose(1, 2).reshape(windows.shape))


class Mlp(nn.Module):
    def __init__(self, width: int, quantised: bool):
        super().__init__()
        self.fc1 = QuantisedLinear(width, 4 * width, quantised=quantised)
        self.fc2 = QuantisedLinear(4 * width, width, quantised=quantised)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc2(functional.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width: int, side: int, odd: bool, drop_path: float, quantised: bool):
        super().__init__()
        self.side = side
        self.shift = SHIFT if odd and side > WINDOW else 0
        self.drop_path = drop_path
        self.norm1 = Norm(width)
        self.attn = WindowAttention(width, quantised)
        self.norm2 = Norm(width)
        self.mlp = Mlp(width, quantised)
        mask = shift_mask(side) if self.shift else None
        self.register_buffer("attn_mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norm1(x).reshape(-1, self.side, self.side, x.shape[-1])
        if self.shift:
            y = y.roll((-self.shift, -self.shift), (1, 2))
        y = reverse_partition(self.attn(partition(y, self.side), self.attn_mask), self.side)
        if self.shift:
            y = y.roll((self.shift, self.shift), (1, 2))
        x = x + self.kept(y.reshape(x.shape))
        return x + self.kept(self.mlp(self.norm2(x)))

    def kept(self, branch: torch.Tensor) -> torch.Tensor:
        """Stochastic depth: in training the branch is left out for some of the images."""
        if not self.training or self.drop_path == 0:
            return branch
        kept = torch.rand(branch.shape[0], 1, 1, device=branch.device) >= self.drop_path
        return branch * (kept / (1 - self.drop_path)).to(branch.dtype)


class PatchMerging(nn.Module):
    def __init__(self, width: int, side: int, quantised: bool):
        super().__init__()
        self.side = side
        self.norm = Norm(4 * width)
        self.reduction = QuantisedLinear(4 * width, 2 * width, bias=False, quantised=quantised)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        half, width = self.side // 2, x.shape[-1]
        x = x.reshape(-1, half, 2, half, 2, width).permute(0, 1, 3, 4, 2, 5)
        return self.reduction(self.norm(x.reshape(-1, half * half, 4 * width)))


class Stage(nn.Module):
    def __init__(self, blocks: list[Block], downsample: nn.Module | None):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.downsample = downsample

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return x if self.downsample is None else self.downsample(x)


class PatchEmbedding(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.proj = nn.Conv2d(3, width, PATCH, PATCH)
        self.norm = Norm(width)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        # The convolution as a product of patches: its gradient is many times as fast on a GPU.
        count, side = len(image), image.shape[-1] // PATCH
        patches = image.reshape(count, 3, side, PATCH, side, PATCH).permute(0, 2, 4, 1, 3, 5)
        weight, bias = self.proj.weight.flatten(1), self.proj.bias
        return self.norm(functional.linear(patches.reshape(count, side * side, -1),
                                           weight.to(image.dtype), bias.to(image.dtype)))


class SwinStudent(nn.Module):
    """Normalised images [batch, 3, size, size] to embeddings [batch, embedding], not normalised.

    `size` must be 28 << (stages - 1). All is computed in the type of the images. With `quantised`,
    products see their operands as 8-bit integers.
    """

    def __init__(self, width: int, depths: tuple[int, ...], embedding: int, size: int = 224,
                 drop_path: float = 0.0, quantised: bool = False):
        super().__init__()
        if size != PATCH * WINDOW << len(depths) - 1:
            raise ValueError(f"{len(depths)} stages need images of "
                             f"{PATCH * WINDOW << len(depths) - 1} pixels a side, not {size}")
        self.patch_embed = PatchEmbedding(width)
        stages, side = [], size // PATCH
        rates = iter(torch.linspace(0, drop_path, sum(depths)).tolist())
        for number, depth in enumerate(depths):
            blocks = [Block(width, side, i % 2 == 1, next(rates), quantised) for i in range(depth)]
            last = number + 1 == len(depths)
            stages.append(Stage(blocks, None if last else PatchMerging(width, side, quantised)))
            if not last:
                width, side = 2 * width, side // 2
        self.layers = nn.ModuleList(stages)
        self.norm = Norm(width)
        self.feature_proj = nn.Sequential(QuantisedLinear(width, embedding, quantised=quantised),
                                          Norm(embedding))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = self.patch_embed(image)
        for layer in self.layers:
            x = layer(x)
        return self.feature_proj(self.norm(x).mean(1))
