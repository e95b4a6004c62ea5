"""The image encoder of OWL-ViT, as NanoOWL builds it: a transformer of CLIP, then boxes and classes of each patch."""

from timm import create_model
from torch import nn


def dense(width, *widths):
    layers = []
    for out in widths:
        layers += [nn.Linear(width, out), nn.GELU()]
        width = out
    return nn.Sequential(*layers[:-1])


class OwlVit(nn.Module):
    def __init__(self, patch):
        super().__init__()
        name = f"vit_base_patch{patch}_clip_quickgelu_224"
        self.transformer = create_model(name, img_size=768, num_classes=0)
        self.norm = nn.LayerNorm(768)
        self.boxes, self.classes = dense(768, 768, 768, 4), nn.Linear(768, 512)
        self.shift, self.scale = nn.Linear(768, 1), nn.Linear(768, 1)

    def forward(self, x):
        tokens = self.transformer.forward_features(x)
        tokens = self.norm(tokens[:, 1:] * tokens[:, :1])
        classes = self.classes(tokens)
        classes = classes / classes.norm(dim=-1, keepdim=True)
        return classes, self.shift(tokens), nn.functional.elu(self.scale(tokens)) + 1, self.boxes(tokens).sigmoid()
