#!/usr/bin/env python3
"""Runs a command several times and prints its median wall time and its largest peak memory.

    measure_command.py LABEL TIMES COMMAND...
"""

import os
import statistics
import subprocess
import sys
import time


def run(command):
    """Seconds and peak resident bytes of one run of `command`, whose output is dropped."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"measure_command.py: {' '.join(command)} failed: {message.decode()}")
    return time.monotonic() - start, usage.ru_maxrss * 1024


def main():
    label, times, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    runs = [run(command) for _ in range(times)]
    seconds = [each for each, _ in runs]
    print(f"{label}: median {statistics.median(seconds):.3f} s, {min(seconds):.3f} to "
          f"{max(seconds):.3f} in {times} runs, peak memory "
          f"{max(peak for _, peak in runs) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
