#!/usr/bin/env python3
"""Validates result files against docs/result.schema.json, those of nitro eval against
docs/eval.schema.json. Usage: validate_result.py RESULT.json…
Exits with 77 where jsonschema is not installed."""

import json
import pathlib
import sys

DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"


def main(paths):
    try:
        import jsonschema
        import referencing
    except ImportError:
        return 77
    schemas = {kind: json.loads((DOCS / f"{kind}.schema.json").read_text("utf-8"))
               for kind in ("result", "eval")}
    registry = referencing.Registry().with_resources(
        (schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas.values())
    wrong = 0
    for path in paths:
        result = json.loads(pathlib.Path(path).read_text("utf-8"))
        schema = schemas["eval" if result.get("kind") == "eval" else "result"]
        validator = jsonschema.Draft202012Validator(schema, registry=registry)
        for error in validator.iter_errors(result):
            print(f"{path}: {error.json_path}: {error.message}", file=sys.stderr)
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
