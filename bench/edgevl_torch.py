"""EdgeVL's students in plain PyTorch, as their practitioners run them, with the zoo's weights.

The Swin follows timm: windows by roll, partition and reverse; attention either explicit (timm's
default) or through scaled_dot_product_attention. Parameters have the names of EdgeVL.
"""

import functools

import numpy
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn

IMAGE = 224
EMBEDDING = 1024
WINDOW = 7
SHIFT = WINDOW // 2
ATTENTION = ("explicit", "fused")  # fused: one call of scaled_dot_product_attention


class VitAttention(nn.Module):
    def __init__(self, width, heads, attention):
        super().__init__()
        self.heads = heads
        self.fused = attention == "fused"
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, x):
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        if self.fused:
            mixed = F.scaled_dot_product_attention(q, k, v)
        else:
            scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
            mixed = scores.softmax(-1) @ v
        return self.out(mixed.transpose(1, 2).reshape(x.shape))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class VitBlock(nn.Module):
    def __init__(self, width, heads, attention):
        super().__init__()
        self.attention_norm = nn.LayerNorm(width, eps=1e-6)
        self.attn = VitAttention(width, heads, attention)
        self.ffn_norm = nn.LayerNorm(width, eps=1e-6)
        self.ffn = Mlp(width)

    def forward(self, x):
        x = x + self.attn(self.attention_norm(x))
        return x + self.ffn(self.ffn_norm(x))


class VitEmbeddings(nn.Module):
    def __init__(self, width, patch):
        super().__init__()
        self.patch_embeddings = nn.Conv2d(3, width, patch, patch)
        self.cls_token = nn.Parameter(torch.empty(1, 1, width))
        self.position_embeddings = nn.Parameter(torch.empty(1, 1 + (IMAGE // patch) ** 2, width))

    def forward(self, image):
        patches = self.patch_embeddings(image).flatten(2).transpose(1, 2)
        token = self.cls_token.expand(image.shape[0], -1, -1)
        return torch.cat((token, patches), 1) + self.position_embeddings


class VitEncoder(nn.Module):
    def __init__(self, width, heads, layers, attention):
        super().__init__()
        self.layer = nn.ModuleList(VitBlock(width, heads, attention) for _ in range(layers))
        self.encoder_norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x):
        for layer in self.layer:
            x = layer(x)
        return self.encoder_norm(x)


class Vit(nn.Module):
    def __init__(self, attention, width, heads, layers=12, patch=16):
        super().__init__()
        self.transformer = nn.ModuleDict({
            "embeddings": VitEmbeddings(width, patch),
            "encoder": VitEncoder(width, heads, layers, attention),
        })
        self.head = nn.Linear(width, EMBEDDING)

    def forward(self, image):
        x = self.transformer["encoder"](self.transformer["embeddings"](image))
        return self.head(x.mean(1))


def window_partition(x):
    batch, height, width, channels = x.shape
    x = x.view(batch, height // WINDOW, WINDOW, width // WINDOW, WINDOW, channels)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, WINDOW * WINDOW, channels)


def window_reverse(windows, side):
    channels = windows.shape[-1]
    x = windows.view(-1, side // WINDOW, side // WINDOW, WINDOW, WINDOW, channels)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, side, side, channels)


def relative_position_index():
    axis = torch.arange(WINDOW)
    places = torch.stack(torch.meshgrid(axis, axis, indexing="ij")).flatten(1)
    offsets = (places[:, :, None] - places[:, None, :]) + WINDOW - 1
    return offsets[0] * (2 * WINDOW - 1) + offsets[1]


def shift_mask(side):
    """-100 where two tokens of a shifted window were not neighbours: [windows, 49, 49]."""
    regions = torch.zeros(1, side, side, 1)
    parts = (slice(0, -WINDOW), slice(-WINDOW, -SHIFT), slice(-SHIFT, None))
    for number, (rows, columns) in enumerate((r, c) for r in parts for c in parts):
        regions[:, rows, columns] = number
    regions = window_partition(regions).squeeze(-1)
    return (regions[:, None] != regions[:, :, None]) * -100.0


class WindowAttention(nn.Module):
    def __init__(self, width, heads, attention):
        super().__init__()
        self.heads = heads
        self.fused = attention == "fused"
        self.scale = (width // heads) ** -0.5
        self.relative_position_bias_table = nn.Parameter(torch.empty((2 * WINDOW - 1) ** 2, heads))
        self.register_buffer("relative_position_index", relative_position_index(), persistent=False)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def position_bias(self):
        rows = self.relative_position_bias_table[self.relative_position_index.view(-1)]
        tokens = WINDOW * WINDOW
        return rows.view(tokens, tokens, -1).permute(2, 0, 1).contiguous().unsqueeze(0)

    def forward(self, x, mask):
        windows, tokens, _ = x.shape
        qkv = self.qkv(x).reshape(windows, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        if self.fused:
            bias = self.position_bias()
            if mask is not None:
                images = windows // mask.shape[0]
                bias = bias + mask.unsqueeze(1).repeat(images, self.heads, 1, 1)
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        else:
            scores = (q * self.scale) @ k.transpose(-2, -1) + self.position_bias()
            if mask is not None:
                scores = scores.view(-1, mask.shape[0], self.heads, tokens, tokens)
                scores = (scores + mask.unsqueeze(1).unsqueeze(0)).view(q.shape[:2] + (tokens,) * 2)
            mixed = scores.softmax(-1) @ v
        return self.proj(mixed.transpose(1, 2).reshape(x.shape))


class SwinBlock(nn.Module):
    def __init__(self, width, side, heads, odd, attention):
        super().__init__()
        self.side = side
        self.shifted = odd and side > WINDOW
        self.norm1 = nn.LayerNorm(width)
        self.attn = WindowAttention(width, heads, attention)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = Mlp(width)
        self.register_buffer("attn_mask", shift_mask(side) if self.shifted else None,
                             persistent=False)

    def forward(self, x):
        shape = x.shape
        y = self.norm1(x).view(shape[0], self.side, self.side, shape[2])
        if self.shifted:
            y = torch.roll(y, (-SHIFT, -SHIFT), (1, 2))
        y = self.attn(window_partition(y), self.attn_mask)
        y = window_reverse(y, self.side)
        if self.shifted:
            y = torch.roll(y, (SHIFT, SHIFT), (1, 2))
        x = x + y.view(shape)
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    def __init__(self, width, side):
        super().__init__()
        self.side = side
        self.norm = nn.LayerNorm(4 * width)
        self.reduction = nn.Linear(4 * width, 2 * width, bias=False)

    def forward(self, x):
        batch, _, width = x.shape
        x = x.view(batch, self.side, self.side, width)
        x = torch.cat((x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]), -1)
        return self.reduction(self.norm(x.view(batch, -1, 4 * width)))


class SwinStage(nn.Module):
    def __init__(self, width, side, heads, depth, last, attention):
        super().__init__()
        self.blocks = nn.ModuleList(
            SwinBlock(width, side, heads, i % 2 == 1, attention) for i in range(depth))
        self.downsample = None if last else PatchMerging(width, side)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x if self.downsample is None else self.downsample(x)


class PatchEmbed(nn.Module):
    def __init__(self, width, patch):
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, patch)
        self.norm = nn.LayerNorm(width)

    def forward(self, image):
        return self.norm(self.proj(image).flatten(2).transpose(1, 2))


class Swin(nn.Module):
    def __init__(self, attention, depths, width=96, heads=(3, 6, 12, 24), patch=4):
        super().__init__()
        self.patch_embed = PatchEmbed(width, patch)
        last = len(depths) - 1
        self.layers = nn.ModuleList(
            SwinStage(width << i, IMAGE // patch >> i, heads[i], depths[i], i == last, attention)
            for i in range(len(depths)))
        self.norm = nn.LayerNorm(width << last)
        self.avgpool = nn.AdaptiveAvgPool1d(1)
        self.feature_proj = nn.Sequential(nn.Linear(width << last, EMBEDDING),
                                          nn.LayerNorm(EMBEDDING))

    def forward(self, image):
        x = self.patch_embed(image)
        for layer in self.layers:
            x = layer(x)
        x = self.avgpool(self.norm(x).transpose(1, 2)).flatten(1)
        return self.feature_proj(x)


ARCHITECTURES = {
    "edgevl-swin-t": functools.partial(Swin, depths=(2, 2, 6, 2)),
    "edgevl-swin-s": functools.partial(Swin, depths=(2, 2, 18, 2)),
    "edgevl-vit-s": functools.partial(Vit, width=384, heads=6),
    "edgevl-vit-b": functools.partial(Vit, width=768, heads=12),
}


def parameters_of(path):
    """The parameters in an ONNX file of the zoo by name, in PyTorch's layout: what a MatMul reads
    was stored transposed."""
    graph = onnx.load(path).graph
    transposed = {node.input[1] for node in graph.node if node.op_type == "MatMul"}
    result = {}
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.name in transposed:
            values = values.T
        result[tensor.name] = torch.from_numpy(numpy.array(values, order="C"))
    return result


def load(name, attention, path):
    """The model in fp32 on the CPU, with every parameter from the ONNX file at `path`."""
    model = ARCHITECTURES[name](attention)
    stored = parameters_of(path)
    wanted = model.state_dict()
    missing = sorted(wanted.keys() - stored.keys())
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}")
    model.load_state_dict({key: stored[key] for key in wanted})
    return model.eval().requires_grad_(False)
