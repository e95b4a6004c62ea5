"""What the losses of training are least for."""

import pytest

torch = pytest.importorskip("torch", reason="trains with PyTorch")

from torch.nn import functional  # noqa: E402

from training import losses  # noqa: E402
from training.config import Stage  # noqa: E402


@pytest.fixture
def teacher():
    torch.manual_seed(0)
    return functional.normalize(torch.randn(6, 8))


def test_affinity_is_least_for_the_teachers_own_embeddings(teacher):
    """Of any length, for each modality; no rotation of them all is as good."""
    stage = Stage(epochs=1, loss="affinity", temperature=0.05)
    own = losses.affinity(3 * teacher.repeat(2, 1), teacher, stage)
    cosines = teacher @ teacher.T / stage.temperature
    entropy = torch.distributions.Categorical(logits=cosines).entropy().repeat(2)
    torch.testing.assert_close(own, entropy)
    for _ in range(20):
        rotation = torch.linalg.qr(torch.randn(8, 8)).Q
        assert losses.affinity(teacher @ rotation, teacher, stage).sum() > entropy[:6].sum()


def test_distil_is_the_sum_of_differences_between_directions(teacher):
    assert losses.distil(2 * teacher, teacher).max() < 1e-6
    torch.testing.assert_close(losses.distil(-teacher, teacher), 2 * teacher.abs().sum(1))
