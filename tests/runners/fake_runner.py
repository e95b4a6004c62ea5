"""A runner that misbehaves in the way its first argument names. Standard library only."""

import json
import os
import signal
import subprocess
import sys
import time


def npy(shape, values_bytes, descr="<f4"):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + values_bytes


def say(message):
    sys.stdout.write(message + "\n")
    sys.stdout.flush()


class Runner:
    def __init__(self, mode, extra):
        self.mode = mode
        self.extra = extra
        self.scratch = None

    def reply(self, request):
        return getattr(self, request["verb"])(request)

    def hello(self, request):
        self.scratch = request["scratch"]
        protocol = 99 if self.mode == "other_protocol" else 1
        reply = {"runner": "fake", "version": "1", "protocol": protocol, "environment": {}}
        reply.update(devices=[], capabilities=["run"])
        if self.mode == "missing_field":
            del reply["version"]
        if self.mode == "wrong_type":
            reply["version"] = 1
        return reply

    def load(self, _):
        if self.mode == "die_on_load":
            print("the last words", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        if self.mode == "exit_on_load":
            sys.exit(3)
        if self.mode == "hang":
            with subprocess.Popen(["sleep", "1000"]) as child:
                with open(self.extra, "w", encoding="ascii") as file:
                    file.write(str(child.pid))
                time.sleep(1000)
        if self.mode == "close_stdout":
            os.close(1)
            time.sleep(1000)
        if self.mode == "flood_stderr":
            sys.stderr.write("words " * 200000)
        if self.mode == "deep":
            say("[" * 100000)
        if self.mode == "progress":
            say(json.dumps({"id": 2, "progress": "half"}))
            say(json.dumps({"id": 2, "progress": "most \x1b[31m of it"}))
        if self.mode == "progress_of_another":
            say(json.dumps({"id": 7, "progress": "half"}))
        if self.mode == "negative_extent":
            return self.loaded([-1, 2])
        return self.loaded([2])

    def loaded(self, shape):
        value = {"name": "y", "dtype": "f32", "shape": shape}
        return {"handle": 1, "inputs": [], "outputs": [value], "load_ns": 5}

    def run(self, _):
        path = os.path.join(self.scratch, "out.npy")
        content = npy("(2,)", b"\0" * 8)
        if self.mode == "wrong_shape":
            content = npy("(3,)", b"\0" * 12)
        if self.mode == "wrong_dtype":
            content = npy("(2,)", b"\0" * 16, "<i8")
        if self.mode == "cut_file":
            content = content[:-1]
        if self.mode == "outside":
            path = self.extra
        if self.mode == "climb":
            path = os.path.join(self.scratch, "..", os.path.basename(self.scratch), "..", "x.npy")
        if self.mode == "no_output":
            return {"outputs": {}}
        if self.mode == "link":
            with open(self.extra, "wb") as file:
                file.write(content)
            os.symlink(self.extra, path)
        elif self.mode not in ("outside", "climb", "no_file"):
            with open(path, "wb") as file:
                file.write(content)
        return {"outputs": {"y": path}}

    def wait_for_signal(self):
        if self.mode == "stops_early":
            asked = []
            signal.signal(signal.SIGINT, lambda *_: asked.append(True))
            while not asked:
                time.sleep(0.001)
        if self.mode == "ignores_signal":
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            time.sleep(1000)
        if self.mode == "dies_of_signal":
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            time.sleep(1000)

    def time(self, request):
        self.wait_for_signal()
        warmup = {"frames": 1, "ns": 1, "stable": True}
        variant = {"samples_ns": [5, 6], "stamps_ns": [1, 9], "cold_ns": 3, "warmup": warmup}
        if self.mode == "zero_time":
            variant["samples_ns"] = [5, 0]
        if self.mode == "fraction_time":
            variant["samples_ns"] = [5, 1.5]
        if self.mode == "no_samples":
            variant.update(samples_ns=[], stamps_ns=[])
        if self.mode == "few_stamps":
            variant["stamps_ns"] = [1]
        if self.mode == "stamps_backwards":
            variant["stamps_ns"] = [9, 1]
        count = len(request["variants"]) + (self.mode == "more_variants")
        return {"variants": [variant] * count, "stopped_by": "count"}

    def profile(self, _):
        node = {"name": "n", "op_type": "Relu", "domain": "", "index": 0, "inputs": ["x"]}
        node.update(outputs=["y"], durations_ns=[1], output_shapes=[], provider="cpu")
        reply = {"nodes": [node], "unseen": [], "run_ns": [1, 2], "execute_ns": [1, 2]}
        return {**reply, "resolution_ns": 1000, "host_launch_times": False}

    def unload(self, _):
        return {}

    def bye(self, _):
        return {}


def main():
    mode = sys.argv[1]
    if mode == "exit_at_once":
        print("cannot \x1b[31mimport", file=sys.stderr)
        sys.exit(7)
    runner = Runner(mode, sys.argv[2] if len(sys.argv) > 2 else "")
    for line in sys.stdin:
        request = json.loads(line)
        if mode == "garbage":
            say("Loading weights: 100%")
        if mode == "huge_line":
            say("x" * (1 << 20))
        if mode == "endless_line":
            while True:
                sys.stdout.write("x" * 65536)
        if mode == "blame_model" and request["verb"] == "load":
            error = {"code": "bad_model", "message": "no \x1b[31mgood", "hint": "export again"}
            say(json.dumps({"id": request["id"], "ok": False, "error": error}))
            continue
        if mode == "error_without_code" and request["verb"] == "load":
            say(json.dumps({"id": request["id"], "ok": False, "error": "oops"}))
            continue
        reply = {"id": request["id"], "ok": True, **runner.reply(request)}
        if mode == "wrong_id":
            reply["id"] += 1
        if mode == "no_ok":
            del reply["ok"]
        say(json.dumps(reply))
        if request["verb"] == "bye":
            break
    if mode == "stay":
        time.sleep(1000)
    if mode == "bad_exit":
        sys.exit(4)


main()
