"""trtexec of TensorRT as documented for its versions, without a GPU: the flags, log and files of each, outputs by
ONNX Runtime, times made up. Options it lacks are refused as trtexec refuses them.

FAKE_TRT_VERSION  8001, 8201, 8502 or 101303
FAKE_TRT_LOG      a file that gets a line of arguments for each run
FAKE_TRT_REFUSES  an operator that its parser does not take
FAKE_TRT_DIES     the signal by which it dies instead of timing
FAKE_TRT_GARBAGE  what it writes instead of its files
FAKE_TRT_BUILD_S  how long a build takes
"""

import json
import os
import sys
import time

VERSION = int(os.environ.get("FAKE_TRT_VERSION", "8201"))
RELEASE = VERSION if VERSION < 100000 else VERSION // 10
SINCE_8_0 = """onnx saveEngine loadEngine workspace fp16 int8 buildOnly loadInputs iterations duration warmUp avgRuns
 noDataTransfers useSpinWait useCudaGraph separateProfileRun dumpProfile exportTimes exportOutput exportProfile
 verbose""".split()
POINTWISE = {"Erf", "Mul", "Add", "Div", "Sub", "Sigmoid", "Tanh", "Sqrt", "Pow", "Relu"}


def known_options():
    options = set(SINCE_8_0)
    if RELEASE < 8200:
        options.add("nvtxMode")
    else:
        options |= {"profilingVerbosity", "exportLayerInfo", "dumpLayerInfo"}
    if RELEASE >= 8400:
        options.add("memPoolSize")
    if RELEASE >= 8600:
        options.add("skipInference")
    if RELEASE >= 10000:
        options -= {"workspace", "buildOnly"}
    return options


def log(severity, text, stream=sys.stdout):
    print(f"[11/28/2026-12:00:00] [{severity}] {text}", file=stream, flush=True)


def error(text):
    log("E", text, sys.stderr)


def end(verdict, code):
    print(f"&&&& {verdict} TensorRT.trtexec [TensorRT v{VERSION}] # {' '.join(sys.argv)}", flush=True)
    sys.exit(code)


def parse(words):
    options = {}
    for word in words:
        key, _, value = word.partition("=")
        options[key.removeprefix("--")] = value
    unknown = [key for key in options if key not in known_options()]
    for key in unknown:
        error(f"Unknown option: --{key} {options[key]}")
    if unknown:
        print("=== Model Options ===")
        end("FAILED", 1)
    return options


# ---- the builder

def refuse(index, node):
    error(f'[TRT] ModelImporter.cpp:773: While parsing node number {index} [{node.op_type} -> "{node.output[0]}"]:')
    error("[TRT] ModelImporter.cpp:774: --- Begin node ---")
    inputs = "\n".join(f'input: "{name}"' for name in node.input)
    error(f'[TRT] ModelImporter.cpp:775: {inputs}\noutput: "{node.output[0]}"\nname: "{node.name}"\n'
          f'op_type: "{node.op_type}"\nattribute {{\n  name: "axis"\n  i: 0\n  type: INT\n}}\n')
    error("[TRT] ModelImporter.cpp:776: --- End node ---")
    error("[TRT] ModelImporter.cpp:779: ERROR: builtin_op_importers.cpp:4870 In function importFallbackPluginImporter:\n"
          '[8] Assertion failed: creator && "Plugin not found, are the plugin name, version, and namespace correct?"')
    error("Failed to parse onnx file")
    log("I", "Finish parsing network model")
    error("Parsing model failed")
    error("Failed to create engine from model.")
    error("Engine set up failed")
    end("FAILED", 1)


def layers_of(graph, fp16):
    """The engine's layers: fused and named as TensorRT does, as (name, type, nodes)."""
    readers = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    layers = []
    taken = set()
    for node in graph.node:
        if id(node) in taken or node.op_type == "Constant":
            continue
        chain = [node]
        while len(following := readers.get(chain[-1].output[0], [])) == 1 and (
                following[0].op_type in POINTWISE and id(following[0]) not in taken):
            chain.append(following[0])
        taken |= {id(part) for part in chain}
        names = [part.name for part in chain]
        if node.op_type in ("ReduceMean", "Softmax"):
            name = names[0] if len(names) == 1 else f"{{ForeignNode[{names[0]}...{names[-1]}]}}"
            layers.append((name, "Myelin", chain))
        elif node.op_type in POINTWISE:
            name = f"PWN({names[0]})"
            for other in names[1:]:
                name = f"PWN({name}, {other})"
            layers.append((name, "PointWiseV2", chain))
        elif node.op_type == "Reshape":
            layers.append((f"(Unnamed Layer* {len(layers)}) [Shuffle]", "Shuffle", chain))
        else:
            layers.append((" + ".join(names), "CaskConvolution", chain))
    if fp16 and layers:
        layers.insert(0, (f"Reformatting CopyNode for Input Tensor 0 to {layers[0][0]}", "Reformat", []))
    return layers


def build(options):
    import onnx  # here: not needed for help
    log("I", "=== Build Options ===")
    time.sleep(float(os.environ.get("FAKE_TRT_BUILD_S", "0")))
    model = onnx.load(options["onnx"])
    for index, node in enumerate(model.graph.node):
        if node.op_type == os.environ.get("FAKE_TRT_REFUSES"):
            refuse(index, node)
    log("I", "Engine built in 12.5 sec.")
    with open(options["saveEngine"], "wb") as file:
        head = {"fp16": "fp16" in options, "detailed": options.get("profilingVerbosity") == "detailed"}
        file.write(json.dumps(head).encode() + b"\n" + model.SerializeToString())


# ---- the runtime

def outputs_of(model, inputs):
    import numpy as np
    import onnxruntime as ort
    narrow = {"tensor(int64)": np.int32} if RELEASE < 10000 else {}
    types = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(int64)": np.int64,
             "tensor(int32)": np.int32, "tensor(bool)": np.bool_}
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    feeds = {}
    for value in session.get_inputs():
        if value.name not in inputs:
            error(f'Cannot find input tensor with name "{value.name}"')
            end("FAILED", 1)
        raw = np.fromfile(inputs[value.name], narrow.get(value.type, types[value.type]))
        feeds[value.name] = raw.reshape(value.shape).astype(types[value.type])
    return dict(zip([value.name for value in session.get_outputs()], session.run(None, feeds)))


def printed(value):
    """As a C++ stream prints it."""
    text = f"{float(value):g}"
    return text


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(os.environ.get("FAKE_TRT_GARBAGE") or text)


def export_output(path, outputs):
    parts = []
    for name, array in outputs.items():
        shape = "x".join(map(str, array.shape))
        values = ", ".join(printed(value) for value in array.reshape(-1))
        parts.append(f'{{ "name" : "{name}"\n  , "dimensions" : "{shape}"\n  , "values" : [ {values} ]\n  }}\n')
    write(path, "[\n  " + ", ".join(parts) + "]\n")


def export_times(path, options):
    if signal := os.environ.get("FAKE_TRT_DIES"):
        os.kill(os.getpid(), int(signal))
    warmup = float(options.get("warmUp", 200))
    until = warmup + 1000 * float(options.get("duration", 3))
    rows, now, after = [], 0.05, 0
    while after < int(options.get("iterations", 10)) or now < until:
        compute = 9.5 if not rows else 2 + 0.01 * (len(rows) % 7)
        rows.append((now, compute))
        after += now >= warmup
        now += compute + 0.02
    if RELEASE >= 8500:
        rows = [row for row in rows if row[0] >= warmup]
    lines = []
    for start, compute in rows:
        end_ms = start + compute
        line = ", ".join(f'"{key}" : {value:g}' for key, value in [
            ("startEnqMs", start), ("endEnqMs", start + 0.1), ("startH2dMs", start), ("endH2dMs", start),
            ("startComputeMs", start), ("endComputeMs", end_ms), ("startD2hMs", end_ms), ("endD2hMs", end_ms),
            ("h2dMs", 0), ("computeMs", compute), ("d2hMs", 0), ("latencyMs", compute)])
        lines.append("{ " + line + (f', "endToEndMs" : {compute:g}' if RELEASE < 8400 else "") + " }\n")
    write(path, "[\n  " + ", ".join(lines) + "]\n")


def export_profile(path, options, layers):
    count = int(options.get("iterations", 10)) + 3
    total = sum(range(1, len(layers) + 1)) * 0.1 * count
    lines = [f'{{ "count" : {count} }}\n']
    for i, (name, _, _) in enumerate(layers):
        average = 0.1 * (i + 1)
        median = f', "medianMs" : {average:g}' if RELEASE >= 8400 else ""
        lines.append(f'{{ "name" : "{name}", "timeMs" : {average * count:g}, "averageMs" : {average:g}{median}, '
                     f'"percentage" : {100 * average * count / total:g} }}\n')
    write(path, "[\n  " + ", ".join(lines) + "]\n")


def export_layers(path, layers, detailed):
    def tensor(name):
        return f'{{ "Name": "{name}", "Location": "Device", "Dimensions": [1], "Format/Datatype": "Row major linear FP32" }}'

    def item(name, kind, nodes):
        if not detailed:
            return f'"{name}"'
        inputs = ", ".join(tensor(part) for part in (nodes[0].input if nodes else []))
        outputs = ", ".join(tensor(part) for part in (nodes[-1].output if nodes else []))
        metadata = "\x1e".join(f"[ONNX Layer: {node.name}]" for node in nodes)
        metadata = f', "Metadata": "{metadata}"' if RELEASE >= 8600 else ""
        return (f'{{ "Name": "{name}", "LayerType": "{kind}", "Inputs": [{inputs}], "Outputs": [{outputs}], '
                f'"TacticName": "maxwell_scudnn_128x32", "TacticValue": "0x1"{metadata} }}')

    write(path, '{"Layers": [' + ",\n".join(item(*layer) for layer in layers) + '],\n"Bindings": []}\n')


def infer(options):
    import onnx
    with open(options["loadEngine"], "rb") as file:
        head = json.loads(file.readline())
        model = onnx.load_from_string(file.read())
    layers = layers_of(model.graph, head["fp16"])
    log("I", "Engine loaded in 0.5 sec.")
    if "exportLayerInfo" in options:
        export_layers(options["exportLayerInfo"], layers, head["detailed"])
    inputs = dict(part.rsplit(":", 1) for part in options.get("loadInputs", "").split(",") if part)
    log("I", "Starting inference")
    outputs = outputs_of(model, inputs)
    if "exportTimes" in options:
        export_times(options["exportTimes"], options)
    if "exportOutput" in options:
        export_output(options["exportOutput"], outputs)
    if "exportProfile" in options:
        export_profile(options["exportProfile"], options, layers)


def main():
    banner = f" [TensorRT v{VERSION}]" if VERSION >= 8000 else ""
    print(f"&&&& RUNNING TensorRT.trtexec{banner} # {' '.join(sys.argv)}", flush=True)
    if "--help" in sys.argv:
        print("=== Model Options ===\n  --onnx=<file>  ONNX model")
        sys.exit(0)
    if path := os.environ.get("FAKE_TRT_LOG"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(" ".join(sys.argv[1:]) + "\n")
    options = parse(sys.argv[1:])
    if "onnx" in options:
        build(options)
    if "loadEngine" in options and "buildOnly" not in options:
        infer(options)
    end("PASSED", 0)


if __name__ == "__main__":
    main()
