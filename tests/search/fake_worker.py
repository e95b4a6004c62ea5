"""A worker of a fleet that measures nothing: trials take as long as their requests say.

usage: fake_worker.py FOLDER     where it writes NUMBER.PID when it begins a trial
"""

import json
import os
import pathlib
import sys
import time


def answer(request, folder):
    if request["verb"] == "try":
        (folder / f"{request['number']}.{os.getpid()}").touch()
        slow = request.get("slow_once") and len(list(folder.glob(f"{request['number']}.*"))) == 1
        time.sleep(request["slow_once"] if slow else request.get("seconds", 0.1))
        return {"ok": True, "trial": {"measured": request["number"], "pid": os.getpid()}}
    refused = request["verb"] == "open" and request.get("refused_by") == str(folder)
    if refused:
        return {"ok": False, "error": {"code": "usage", "message": f"cannot open {folder}/model.onnx", "hint": "share it"}}
    return {"ok": True, "original_ns": 5e6, "board": request.get("board")}


def main():
    folder = pathlib.Path(sys.argv[1])
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request["id"], "progress": "at it"}), flush=True)
        print(json.dumps({"id": request["id"], **answer(request, folder)}), flush=True)
        if request["verb"] == "bye":
            return


main()
