#!/usr/bin/env python3
"""Adds up the test cases in JUnit files and prints one line: "N passed, M failed".

    count_tests.py FOLDER...

A FOLDER holds ctest.xml or pytest.xml, and what GoogleTest's programs wrote beside it. A program is
counted by its cases; one that failed without a failing case (a crash, a leak) is one failure more.
"""

import pathlib
import sys
from collections import Counter
from xml.etree import ElementTree


def result_of(case):
    """"passed", "failed" or "skipped", from any of the three dialects."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def cases(path):
    """(name, result) of each case; a file that a crash cut short has none."""
    try:
        tree = ElementTree.parse(path)
    except ElementTree.ParseError:
        return []
    return [(case.get("name"), result_of(case)) for case in tree.iter("testcase")]


def count(folder):
    counts = Counter(result for _, result in cases(folder / "pytest.xml")) \
        if (folder / "pytest.xml").exists() else Counter()
    if not (folder / "ctest.xml").exists():
        return counts
    for name, result in cases(folder / "ctest.xml"):
        program = folder / f"nitro_{name}_test.xml"
        own = Counter(each for _, each in cases(program)) if program.exists() else Counter()
        if not own or (result == "failed" and not own["failed"]):
            own[result] += 1
        counts += own
    return counts


def main():
    total = Counter()
    for folder in sys.argv[1:]:
        total += count(pathlib.Path(folder))
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    print(f"{total['passed']} passed, {total['failed']} failed{skipped}")


if __name__ == "__main__":
    main()
