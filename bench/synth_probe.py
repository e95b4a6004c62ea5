#!/usr/bin/env python3
"""How hard the made scenes are: what pixels alone give, and what a small network learns.

usage: .venv/bin/python bench/synth_probe.py TRAIN TEST [--epochs N] [--size N]
TRAIN and TEST are folders of `nitro zoo synth-rgbd` with different splits. Prints, for each modality,
the top-1 accuracy on TEST with its 95 % interval (Wilson): ridge regression and logistic regression
on 32x32 pixels, nearest neighbours on 16x16, and a network of four convolutions.
"""

import argparse
import concurrent.futures
import math
import pathlib
import sys

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from training.evaluation import wilson  # noqa: E402

MODALITIES = ("rgb", "depth", "ir")


def read(path, size):
    """Pixels as f32 in -1..1, channels first; depth from its least to its greatest, as EdgeVL."""
    image = np.asarray(Image.open(path)).astype(np.float32)
    if image.ndim == 2:
        image = image[..., None]
    if path.parts[-3] == "depth":
        image = 255 * (image - image.min()) / max(1, image.max() - image.min())
    step = image.shape[0] // size  # means of whole blocks
    image = image[: size * step, : size * step].reshape(size, step, size, step, -1).mean((1, 3))
    return image.transpose(2, 0, 1) / 127.5 - 1


def load(folder, modality, size):
    classes = (folder / "classes.txt").read_text().split()
    files = [(path, label) for label, name in enumerate(classes)
             for path in sorted((folder / modality / name).glob("*.png"))]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        pixels = list(pool.map(lambda item: read(item[0], size), files))
    return torch.tensor(np.stack(pixels)), torch.tensor([label for _, label in files])


def shrunk(images, size):
    return torch.nn.functional.adaptive_avg_pool2d(images, size).flatten(1)


def ridge(train, labels, test, validate):
    """The best of some penalties on a tenth that is held out, then fitted to all."""
    mean, spread = train.mean(0), train.std(0) + 1e-6
    train, test = (train - mean) / spread, (test - mean) / spread
    target = torch.nn.functional.one_hot(labels).float() - 1 / 20
    last = train[validate]

    def weights(gram, product, penalty):
        factor = torch.linalg.cholesky(gram + penalty * torch.eye(len(gram)))
        return torch.cholesky_solve(product, factor)

    gram, product = train.T @ train, train.T @ target
    held = gram - last.T @ last, product - last.T @ target[validate]
    best = max((3e2, 3e3, 3e4, 3e5), key=lambda penalty: (
        (last @ weights(*held, penalty)).argmax(1) == labels[validate]).sum().item())
    return (test @ weights(gram, product, best)).argmax(1)


def logistic(train, labels, test, validate):
    mean, spread = train.mean(0), train.std(0) + 1e-6
    train, test = (train - mean) / spread, (test - mean) / spread

    def fit(x, y, penalty):
        weights = torch.zeros(x.shape[1] + 1, 20, requires_grad=True)
        optimizer = torch.optim.LBFGS([weights], max_iter=40, line_search_fn="strong_wolfe")

        def loss():
            optimizer.zero_grad()
            value = torch.nn.functional.cross_entropy(x @ weights[1:] + weights[0], y)
            value = value + penalty * weights[1:].square().sum()
            value.backward()
            return value

        optimizer.step(loss)
        return lambda z: (z @ weights[1:] + weights[0]).argmax(1)

    best = max((1e-2, 1e-1, 1), key=lambda penalty: (
        fit(train[~validate], labels[~validate], penalty)(train[validate])
        == labels[validate]).sum().item())
    return fit(train, labels, best)(test)


def neighbours(train, labels, test, validate):
    def guess(known, known_labels, asked, count):
        near = torch.cdist(asked, known).topk(count, largest=False).indices
        return torch.nn.functional.one_hot(known_labels[near], 20).sum(1).argmax(1)

    best = max((1, 5, 15, 45), key=lambda count: (
        guess(train[~validate], labels[~validate], train[validate], count)
        == labels[validate]).sum().item())
    return guess(train, labels, test, best)


def network(train, labels, test, epochs):
    torch.manual_seed(0)
    layers, channels = [], train.shape[1]
    for width in (32, 64, 128, 192):
        layers += [torch.nn.Conv2d(channels, width, 3, padding=1, bias=False),
                   torch.nn.BatchNorm2d(width), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
        channels = width
    model = torch.nn.Sequential(*layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
                                torch.nn.Linear(channels, 20))
    batch, steps = 64, epochs * math.ceil(len(train) / 64)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(train)).split(batch):
            images = train[rows]
            images = images.flip(-1) if torch.rand(()) < 0.5 else images
            moved = torch.randint(-5, 6, (2,)).tolist()
            images = images.roll(moved, (-2, -1))
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(images), labels[rows],
                                              label_smoothing=0.1).backward()
            optimizer.step()
            schedule.step()
    model.eval()
    with torch.no_grad():
        return torch.cat([model(part) for part in test.split(256)]).argmax(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=pathlib.Path)
    parser.add_argument("test", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=15, help="of the network; 0 leaves it out")
    parser.add_argument("--size", type=int, default=64, help="pixels of a side for the network")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{'':8}{'method':22}{'top-1':>8}   95 % interval")
    for modality in MODALITIES:
        train, labels = load(options.train, modality, options.size)
        test, truth = load(options.test, modality, options.size)
        validate = torch.arange(len(train)) % 10 == 0
        methods = {
            "ridge, 32x32": lambda: ridge(shrunk(train, 32), labels, shrunk(test, 32), validate),
            "logistic, 32x32": lambda: logistic(shrunk(train, 32), labels, shrunk(test, 32), validate),
            "neighbours, 16x16": lambda: neighbours(shrunk(train, 16), labels, shrunk(test, 16),
                                                    validate),
            f"network, {options.size}x{options.size}": lambda: network(train, labels, test,
                                                                       options.epochs),
        }
        for method, guess in methods.items():
            if method.startswith("network") and options.epochs == 0:
                continue
            right = (guess() == truth).sum().item()
            share, (low, high) = right / len(truth), wilson(right, len(truth))
            print(f"{modality:8}{method:22}{share:8.1%}   [{low:.1%}, {high:.1%}]", flush=True)


if __name__ == "__main__":
    main()
