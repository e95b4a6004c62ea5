#!/usr/bin/env python3
"""Validates result files against docs/result.schema.json. Usage: validate_result.py RESULT.json…
Exits with 77 where jsonschema is not installed."""

import json
import pathlib
import sys

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "docs" / "result.schema.json"


def main(paths):
    try:
        import jsonschema
    except ImportError:
        return 77
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    wrong = 0
    for path in paths:
        for error in validator.iter_errors(json.loads(pathlib.Path(path).read_text("utf-8"))):
            print(f"{path}: {error.json_path}: {error.message}", file=sys.stderr)
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
