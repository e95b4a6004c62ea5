#!/usr/bin/env python3
"""Takes the picture of a report that README.md shows. Needs Chromium.

    bench/report_picture.py out/edgevl-swin-s.html docs/report.png
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/report"))
import chromium  # noqa: E402


def main():
    report, picture = sys.argv[1:]
    with chromium.Page(1400, 1250) as page:
        page.open(report)
        page.screenshot(picture, full=False)


if __name__ == "__main__":
    main()
