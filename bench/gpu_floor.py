"""What a GPU needs at least for a model: its rates, measured, and the model's work, counted."""

import statistics

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import edgevl_torch
from gpu_timing import time_queued

COPY_BYTES = 1 << 30
MATMUL_SIDE = 8192
CHAIN = 1000  # kernels in a graph


def milliseconds(launch, stream, passes):
    for _ in range(3):
        launch(stream)
    return statistics.median(time_queued(launch, stream, passes) for _ in range(9))


def empty_kernel(device):
    """A callable that queues a kernel that does nothing on every multiprocessor."""
    import triton

    @triton.jit
    def nothing():
        pass

    grid = (torch.cuda.get_device_properties(device).multi_processor_count,)
    return lambda: nothing[grid]()


def captured(stream, queue):
    """`queue` as a CUDA graph, after two runs without."""
    for _ in range(2):
        queue()
    stream.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, stream=stream):
        queue()
    return graph


def graph_edge_us(stream):
    """Microseconds that each kernel of a chain adds to a CUDA graph if it does nothing."""
    kernel = empty_kernel(stream.device)
    graph = captured(stream, lambda: [kernel() for _ in range(CHAIN)])
    return milliseconds(lambda _: graph.replay(), stream, 5) * 1e3 / CHAIN


def rates(stream):
    """Bytes/s of a copy in device memory (reads and writes), FLOP/s of a large fp16 product, and
    the cost of an edge in a graph. The stream must be current."""
    half = {"dtype": torch.float16, "device": stream.device}
    source = torch.zeros(COPY_BYTES, dtype=torch.uint8, device=stream.device)
    target = torch.empty_like(source)
    copy_ms = milliseconds(lambda _: target.copy_(source), stream, 10)
    del source, target
    a, b = (torch.randn(MATMUL_SIDE, MATMUL_SIDE, **half) for _ in range(2))
    product = torch.empty_like(a)
    product_ms = milliseconds(lambda _: torch.mm(a, b, out=product), stream, 10)
    return {
        "copy_bytes_per_s": 2 * COPY_BYTES / copy_ms * 1e3,
        "fp16_flop_per_s": 2 * MATMUL_SIDE ** 3 / product_ms * 1e3,
        "graph_edge_us": graph_edge_us(stream),
    }


def work(model, image):
    """FLOPs, bytes and products of a pass in fp16. `model` has explicit attention. Activations are
    the inputs and outputs of the convolutions, linear layers and attentions, once each, as if all
    the rest were fused into those; products that read the same input count as one."""
    activations = 0
    products = 0
    read = {}  # the inputs of the products by id; kept, so that no id is used twice

    def count_product(_, inputs, output):
        nonlocal activations, products
        activations += output.numel()
        if id(inputs[0]) not in read:
            read[id(inputs[0])] = inputs[0]
            activations += inputs[0].numel()
            products += 1

    def count_attention(_, inputs, __):
        nonlocal activations, products
        activations += 4 * inputs[0].numel()  # q, k, v; the mixture
        products += 1

    attentions = (edgevl_torch.VitAttention, edgevl_torch.WindowAttention)
    hooks = []
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            hooks.append(module.register_forward_hook(count_product))
        elif isinstance(module, attentions):
            hooks.append(module.register_forward_hook(count_attention))
    with FlopCounterMode(display=False) as counter:
        model(image)
    for hook in hooks:
        hook.remove()
    return {
        "flops": counter.get_total_flops(),
        "weight_bytes": 2 * sum(p.numel() for p in model.parameters()),
        "activation_bytes": 2 * activations,
        "products": products,
    }


def floor(work_of_pass, steps, measured):
    """Milliseconds by each bound. None of them can be beaten by a pass of `steps` launches that
    reads its weights and activations from device memory; together they overlap only in part."""
    total_bytes = work_of_pass["weight_bytes"] + work_of_pass["activation_bytes"]
    bounds = {
        "bytes": total_bytes / measured["copy_bytes_per_s"] * 1e3,
        "flops": work_of_pass["flops"] / measured["fp16_flop_per_s"] * 1e3,
        "edges": steps * measured["graph_edge_us"] / 1e3,
    }
    return {**bounds, "largest": max(bounds.values()),
            "sum": max(bounds["bytes"], bounds["flops"]) + bounds["edges"]}
