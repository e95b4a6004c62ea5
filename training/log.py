"""The log of a run: one JSON object a line, each with the stage and step that it is of."""

import json
import pathlib


class Log:
    def __init__(self, path: pathlib.Path):
        self.path = path

    def add(self, **entry: object) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def forget_after(self, stage: str, step: int) -> None:
        """Drops what the run that goes on from `step` of `stage` will write again."""
        if not self.path.exists():
            return
        kept = []
        for line in self.path.read_text().splitlines(keepends=True):
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # cut off when the run was ended
            if entry["stage"] != stage or entry["step"] <= step:
                kept.append(line)
        scratch = self.path.with_suffix(".part")
        scratch.write_text("".join(kept))
        scratch.replace(self.path)
