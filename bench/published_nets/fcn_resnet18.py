"""jetson-inference's FCN-ResNet18: other than torchvision's FCN it has neither dilation nor resizing."""

from torch import nn

from blocks import conv, features


class FcnResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = features("resnet18", 4)
        self.head = nn.Sequential(conv(512, 128, 3, act=nn.ReLU), nn.Conv2d(128, 21, 1))

    def forward(self, x):
        return self.head(self.backbone(x)[-1])
