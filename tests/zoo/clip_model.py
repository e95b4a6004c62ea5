"""CLIP's two towers in plain PyTorch, with the names of the parameters of OpenAI's checkpoints."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class QuickGelu(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(width, 4 * width))
        self.mlp.add_module("gelu", QuickGelu())
        self.mlp.add_module("c_proj", nn.Linear(4 * width, width))

    def forward(self, x, mask):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, attn_mask=mask, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, width: int, heads: int, layers: int):
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width, heads) for _ in range(layers))

    def forward(self, x, mask=None):
        for block in self.resblocks:
            x = block(x, mask)
        return x


class ImageTower(nn.Module):
    def __init__(self, width=768, heads=12, layers=12, patch=32, image=224, embedding=512):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = nn.Parameter(torch.zeros(width))
        self.positional_embedding = nn.Parameter(torch.zeros(1 + (image // patch) ** 2, width))
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, heads, layers)
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(torch.zeros(width, embedding))

    def forward(self, image):
        patches = self.conv1(image).flatten(2).transpose(1, 2)
        token = self.class_embedding.expand(image.shape[0], 1, -1)
        x = torch.cat((token, patches), 1) + self.positional_embedding
        return self.ln_post(self.transformer(self.ln_pre(x))[:, 0]) @ self.proj


class Clip(nn.Module):
    def __init__(self, width=512, heads=8, layers=12, tokens=77, vocabulary=49408, embedding=512):
        super().__init__()
        self.visual = ImageTower(embedding=embedding)
        self.token_embedding = nn.Embedding(vocabulary, width)
        self.positional_embedding = nn.Parameter(torch.zeros(tokens, width))
        self.transformer = Transformer(width, heads, layers)
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(torch.zeros(width, embedding))
        self.logit_scale = nn.Parameter(torch.zeros(()))

    def embed_text(self, text):
        mask = torch.full((text.shape[1],) * 2, float("-inf")).triu(1)
        x = self.token_embedding(text) + self.positional_embedding
        x = self.ln_final(self.transformer(x, mask))
        return x[torch.arange(len(text)), text.argmax(-1)] @ self.text_projection

    def forward(self, image, text):
        image, text = F.normalize(self.visual(image)), F.normalize(self.embed_text(text))
        return image, text, self.logit_scale.exp() * image @ text.T


def set_parameters(model: nn.Module, constants: dict[str, np.ndarray]) -> None:
    """Gives `model` the exported constants; a linear layer's weight is stored as [in, out]."""
    linear = {name for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    with torch.no_grad():
        for name, value in model.named_parameters():
            stored = np.array(constants[name])
            owner = name.rpartition(".")[0]
            transposed = (owner in linear and name.endswith(".weight")) or \
                name.endswith(".in_proj_weight")
            value.copy_(torch.from_numpy(stored.T if transposed else stored))
