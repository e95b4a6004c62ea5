"""cfzd's Ultra-Fast-Lane-Detection for CULane, without the auxiliary head of training."""

from torch import nn

from blocks import features

CELLS, ROWS, LANES = 201, 18, 4  # the last cell of a row stands for no lane


class UltraFastLane(nn.Module):
    """For 288x800."""

    def __init__(self):
        super().__init__()
        self.backbone = features("resnet18", 4)
        self.pool = nn.Conv2d(512, 8, 1)
        self.classify = nn.Sequential(nn.Linear(1800, 2048), nn.ReLU(), nn.Linear(2048, CELLS * ROWS * LANES))

    def forward(self, x):
        return self.classify(self.pool(self.backbone(x)[-1]).flatten(1)).view(-1, CELLS, ROWS, LANES)
