"""EdgeVL's students in timm, and the names of their parameters there and in EdgeVL."""

import re

import numpy as np
import torch
from timm.models.swin_transformer import SwinTransformer
from timm.models.vision_transformer import VisionTransformer
from torch import nn

VIT_WIDTHS = {"edgevl-vit-s": (384, 6), "edgevl-vit-b": (768, 12)}
# Width, blocks, embedding; heads are 32 wide.
SWIN_SIZES = {"edgevl-swin-nano": (32, (2, 2, 6, 2), 384),
              "edgevl-swin-t": (96, (2, 2, 6, 2), 1024),
              "edgevl-swin-s": (96, (2, 2, 18, 2), 1024)}


class VitStudent(nn.Module):
    """Mean over all tokens, the class token included; a linear head."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.backbone = VisionTransformer(embed_dim=width, depth=12, num_heads=heads,
                                          num_classes=0, global_pool="")
        self.head = nn.Linear(width, 1024)

    def forward(self, image):
        return self.head(self.backbone.forward_features(image).mean(1))


class SwinStudent(nn.Module):
    """Mean over all positions; a linear head with a LayerNorm."""

    def __init__(self, width: int, depths: tuple[int, ...], embedding: int):
        super().__init__()
        heads = tuple(width // 32 << stage for stage in range(4))
        self.backbone = SwinTransformer(embed_dim=width, depths=depths, num_heads=heads,
                                        num_classes=0)
        self.feature_proj = nn.Sequential(nn.Linear(8 * width, embedding), nn.LayerNorm(embedding))

    def forward(self, image):
        return self.feature_proj(self.backbone.forward_features(image).mean((1, 2)))


def student(name: str) -> nn.Module:
    if name in VIT_WIDTHS:
        return VitStudent(*VIT_WIDTHS[name])
    return SwinStudent(*SWIN_SIZES[name])


VIT_NAMES = (
    (r"backbone\.cls_token", "transformer.embeddings.cls_token"),
    (r"backbone\.pos_embed", "transformer.embeddings.position_embeddings"),
    (r"backbone\.patch_embed\.proj", "transformer.embeddings.patch_embeddings"),
    (r"backbone\.norm", "transformer.encoder.encoder_norm"),
    (r"backbone\.blocks\.(\d+)\.norm1", r"transformer.encoder.layer.\1.attention_norm"),
    (r"backbone\.blocks\.(\d+)\.norm2", r"transformer.encoder.layer.\1.ffn_norm"),
    (r"backbone\.blocks\.(\d+)\.attn\.proj", r"transformer.encoder.layer.\1.attn.out"),
    (r"backbone\.blocks\.(\d+)\.mlp", r"transformer.encoder.layer.\1.ffn"),
)


def edgevl_name(model: nn.Module, name: str) -> str:
    """EdgeVL's name of a parameter of `model`."""
    if isinstance(model, VitStudent):
        for pattern, replacement in VIT_NAMES:
            name, count = re.subn("^" + pattern, replacement, name)
            if count:
                break
        return name
    # timm merges patches at the start of a stage, EdgeVL at the end of the one before.
    name = re.sub(r"layers\.(\d)\.downsample",
                  lambda match: f"layers.{int(match[1]) - 1}.downsample", name)
    return name.removeprefix("backbone.")


def parts(model: nn.Module, name: str) -> list[str]:
    """EdgeVL's names of the tensors that, one above the other, make one of timm's."""
    match = re.match(r"backbone\.blocks\.(\d+)\.attn\.qkv\.(weight|bias)", name)
    if isinstance(model, VitStudent) and match:
        layer = f"transformer.encoder.layer.{match[1]}.attn"
        return [f"{layer}.{part}.{match[2]}" for part in ("query", "key", "value")]
    return [edgevl_name(model, name)]


def edgevl_state(model: nn.Module) -> dict[str, torch.Tensor]:
    """The parameters of `model` under EdgeVL's names."""
    state = {}
    for name, value in model.named_parameters():
        names = parts(model, name)
        for part, piece in zip(names, value.detach().chunk(len(names)), strict=True):
            state[part] = piece.clone()
    return state


def in_torch_layout(constant: np.ndarray, name: str) -> torch.Tensor:
    """A constant of the exported graph: weights of a MatMul are stored as [in, out]."""
    of_gemm = name in ("head.weight", "feature_proj.0.weight")
    transposed = constant.ndim == 2 and name.endswith(".weight") and not of_gemm
    return torch.from_numpy(np.array(constant.T if transposed else constant))


def set_parameters(model: nn.Module, constants: dict[str, np.ndarray]) -> None:
    """Gives `model` the exported constants; each of its parameters must be among them."""
    with torch.no_grad():
        for name, value in model.named_parameters():
            pieces = [in_torch_layout(constants[part], part) for part in parts(model, name)]
            value.copy_(torch.cat(pieces) if len(pieces) > 1 else pieces[0].reshape(value.shape))
