import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "zoo")]


@pytest.fixture(scope="session")
def shapes(tmp_path_factory):
    """A small set of shapes, packed, and its text: the folders `data`, `test` and `text`."""
    pytest.importorskip("torch", reason="trains with PyTorch")
    from shape_images import CLASSES, write_shapes
    from shape_run import write_text

    from training import pack
    folder = tmp_path_factory.mktemp("shapes")
    for name, per_class, seed in (("data", 24, 1), ("test", 10, 2)):
        write_shapes(folder / f"{name}-images", per_class, seed)
        assert pack.main([str(folder / f"{name}-images"), "-o", str(folder / name),
                          "--size", "56", "--processes", "2"]) == 0
    write_text(folder / "text", CLASSES)
    return folder


@pytest.fixture
def train(shapes, monkeypatch):
    """Trains as `python -m training` does, in this process; gives its exit code."""
    import torch
    from shape_run import arguments

    from training import __main__, deadline
    # As many threads in each run: sums are the same only then.
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(1)
    monkeypatch.setattr(deadline.Deadline, "watch_signals", lambda self: None)
    yield lambda output, config, *more: __main__.main(arguments(shapes, output, config, *more))
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(deterministic)
