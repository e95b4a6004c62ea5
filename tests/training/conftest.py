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
