"""The record of the machine that every runner returns from `hello`."""

from __future__ import annotations

import os
import platform


def _first_line(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().strip("\0\n ") or None
    except OSError:
        return None


def _field(path: str, *keys: str) -> str | None:
    """The value of the first "key : value" line of a /proc file."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key.strip() in keys:
                    return value.strip()
    except OSError:
        pass
    return None


def _os_name() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def machine_record() -> dict:
    """Board, system, processor and memory; a value that this machine does not tell is null."""
    governor = _first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    return {
        "os": _os_name(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "board": _first_line("/proc/device-tree/model"),
        "cpu": _field("/proc/cpuinfo", "model name", "Processor", "Hardware") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "governor": governor,
        "memory": _field("/proc/meminfo", "MemTotal"),
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
    }
