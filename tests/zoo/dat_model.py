"""EdgeVL's DAT++-T in plain PyTorch, with the names of its parameters there.

Neighbourhood attention is a loop over queries, each of which looks up its own neighbours and biases.
"""

import torch
import torch.nn.functional as F
from torch import nn

NEAR = 7


def depthwise(width, kernel=3, stride=1):
    return nn.Conv2d(width, width, kernel, stride, kernel // 2, groups=width)


class ChannelNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)

    def forward(self, x):
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear1 = nn.Sequential(nn.Conv2d(width, 4 * width, 1))
        self.dwc = depthwise(4 * width)
        self.linear2 = nn.Sequential(nn.Conv2d(4 * width, width, 1))

    def forward(self, x):
        x = self.linear1(x)
        return self.linear2(F.gelu(x + self.dwc(x)))


def neighbors(at, side):
    """The positions along one axis that a query at `at` sees: those around it, inside of the map."""
    first = min(max(at - NEAR // 2, 0), side - NEAR)
    return torch.arange(first, first + NEAR)


class NeighborhoodAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.rpb = nn.Parameter(torch.zeros(heads, 2 * NEAR - 1, 2 * NEAR - 1))
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        batch, side, _, width = x.shape
        head_width = width // self.heads
        qkv = self.qkv(x).view(batch, side, side, 3, self.heads, head_width)
        q, k, v = qkv.unbind(3)
        out = torch.empty_like(q)
        for row in range(side):
            for column in range(side):
                rows, columns = neighbors(row, side), neighbors(column, side)
                down, right = rows - row + NEAR - 1, columns - column + NEAR - 1
                near_k = k[:, rows][:, :, columns].flatten(1, 2)
                near_v = v[:, rows][:, :, columns].flatten(1, 2)
                scores = torch.einsum("bhd,bnhd->bhn", q[:, row, column], near_k)
                scores = scores * head_width ** -0.5 + self.rpb[:, down][:, :, right].flatten(1)
                out[:, row, column] = torch.einsum("bhn,bnhd->bhd", scores.softmax(-1), near_v)
        return self.proj(out.reshape(batch, side, side, width)).permute(0, 3, 1, 2)


def sample(x, places):
    """At places given as (row, column) in [-1, 1]."""
    return F.grid_sample(x, places.flip(-1), mode="bilinear", align_corners=True)


def axis(count, first, step_count):
    return (torch.arange(count) + first) / step_count * 2 - 1


def grid(side, first):
    return torch.stack(torch.meshgrid(*[axis(side, first, side - 1)] * 2, indexing="ij"), -1)


class DeformableAttention(nn.Module):
    def __init__(self, width, heads, groups, side, kernel, stride):
        super().__init__()
        self.heads, self.groups = heads, groups
        own = width // groups
        self.conv_offset = nn.Sequential(depthwise(own, kernel, stride), ChannelNorm(own), nn.GELU(),
                                         nn.Conv2d(own, 2, 1, bias=False))
        self.proj_q = nn.Conv2d(width, width, 1)
        self.proj_k = nn.Conv2d(width, width, 1)
        self.proj_v = nn.Conv2d(width, width, 1)
        self.proj_out = nn.Conv2d(width, width, 1)
        self.rpe_table = nn.Parameter(torch.zeros(heads, 2 * side - 1, 2 * side - 1))

    def bias(self, places, batch, side):
        table = self.rpe_table.unflatten(0, (self.groups, -1)).repeat(batch, 1, 1, 1)
        away = grid(side, 0).view(1, -1, 1, 2) - places.flatten(1, 2).unsqueeze(1)
        return sample(table, away / 2).reshape(batch, self.heads, side * side, -1)

    def forward(self, x):
        batch, width, side, _ = x.shape
        q = self.proj_q(x)
        offsets = self.conv_offset(q.reshape(batch * self.groups, -1, side, side))
        keys = offsets.shape[-1]
        places = (offsets.permute(0, 2, 3, 1) + grid(keys, 0.5)).clamp(-1, 1)
        seen = sample(x.reshape(batch * self.groups, -1, side, side), places)
        seen = seen.reshape(batch, width, 1, keys * keys)
        q, k, v = (value.reshape(batch, self.heads, width // self.heads, -1)
                   for value in (q, self.proj_k(seen), self.proj_v(seen)))
        scores = torch.einsum("bhdm,bhdn->bhmn", q, k) * (width // self.heads) ** -0.5
        weights = (scores + self.bias(places, batch, side)).softmax(-1)
        return self.proj_out(torch.einsum("bhmn,bhdn->bhdm", weights, v).reshape(x.shape))


class Stage(nn.Module):
    def __init__(self, width, heads, kinds, **deformable):
        super().__init__()
        depth = len(kinds)
        self.local_perception_units = nn.ModuleList(depthwise(width) for _ in range(depth))
        self.layer_norms = nn.ModuleList(ChannelNorm(width) for _ in range(2 * depth))
        self.attns = nn.ModuleList(
            NeighborhoodAttention(width, heads) if kind == "N"
            else DeformableAttention(width, heads, **deformable) for kind in kinds)
        self.mlps = nn.ModuleList(Mlp(width) for _ in range(depth))

    def forward(self, x):
        for i, (local, attention, mlp) in enumerate(
                zip(self.local_perception_units, self.attns, self.mlps, strict=True)):
            x = x + local(x)
            x = x + attention(self.layer_norms[2 * i](x))
            x = x + mlp(self.layer_norms[2 * i + 1](x))
        return x


class Dat(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_proj = nn.Sequential(
            nn.Conv2d(3, 32, 3, 2, 1), ChannelNorm(32), nn.GELU(),
            nn.Conv2d(32, 64, 3, 2, 1), ChannelNorm(64))
        self.stages = nn.ModuleList([
            Stage(64, 2, "ND", groups=1, side=56, kernel=9, stride=8),
            Stage(128, 4, "NDND", groups=2, side=28, kernel=7, stride=4),
            Stage(256, 8, "ND" * 9, groups=4, side=14, kernel=5, stride=2),
            Stage(512, 16, "DD", groups=8, side=7, kernel=3, stride=1)])
        self.down_projs = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, 2 * width, 3, 2, 1, bias=False), ChannelNorm(2 * width))
            for width in (64, 128, 256))
        self.cls_norm = ChannelNorm(512)
        self.feature_proj = nn.Sequential(nn.Linear(512, 1024), nn.LayerNorm(1024))

    def forward(self, image):
        x = self.patch_proj(image)
        for i, stage in enumerate(self.stages):
            x = stage(x)
            if i < len(self.down_projs):
                x = self.down_projs[i](x)
        return self.feature_proj(self.cls_norm(x).mean((2, 3)))
