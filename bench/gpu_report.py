"""The table of gpu_peers.py on stdout and in a file, and the same as JSON."""

import json

COLUMNS = "{:<14} {:>5}  {:<25} {:>9}  {:>19}  {:>9}  {:>24}  {:>9}"
TITLES = COLUMNS.format("model", "batch", "contestant", "median ms", "95 % interval", "single ms",
                        "Nitro is faster by", "cosine")


def factor(row):
    speedup = row.get("speedup")
    if speedup is None or row["contestant"] == "nitro":
        return ""
    return f"{speedup['median']:.2f} [{speedup['low']:.2f}, {speedup['high']:.2f}]"


class Report:
    """Prints events as they come, so that what was measured survives an interruption."""

    def __init__(self, path):
        self.path = path
        self.document = {"header": {}, "cases": []}
        self.file = open(path, "w", encoding="utf-8") if path else None

    def print(self, text):
        print(text, flush=True)
        if self.file:
            print(text, file=self.file, flush=True)

    def save(self):
        if self.path:
            text = json.dumps(self.document, indent=1, ensure_ascii=False)
            self.path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")

    def header(self, fields):
        self.document["header"].update(fields)
        for name, value in fields.items():
            if isinstance(value, dict):
                value = ", ".join(f"{key} {text}" for key, text in value.items())
            self.print(f"# {name}: {value}")

    def case(self, model, batch):
        self.document["cases"].append({"model": model, "batch": batch, "absent": {}, "failed": {},
                                       "prepared_s": {}, "rows": []})
        self.print(f"\n== {model}, batch {batch}")

    def add(self, event):
        if "header" in event:
            self.header(event["header"])
        elif "rates" in event:
            self.rates(event["rates"])
        elif "rows" in event:
            self.rows(event)
        else:
            self.note(event)
        self.save()

    def rates(self, rates):
        self.document["rates"] = rates
        self.print(f"# measured: copy {rates['copy_bytes_per_s'] / 1e9:.0f} GB/s, fp16 product "
                   f"{rates['fp16_flop_per_s'] / 1e12:.0f} TFLOP/s, edge of a CUDA graph with an "
                   f"empty kernel {rates['graph_edge_us']:.2f} us")

    def note(self, event):
        case = self.document["cases"][-1] if self.document["cases"] else self.document
        if "prepared" in event:
            case["prepared_s"][event["prepared"]] = event["seconds"]
            return
        word = "absent" if "absent" in event else "failed"
        known = case.setdefault(word, {})
        if event[word] in known:  # a case that runs again
            return
        known[event[word]] = event["reason"]
        self.print(f"{word}: {event[word]}: {event['reason']}")

    def rows(self, event):
        case = self.document["cases"][-1]
        case.update(event)
        self.print(TITLES)
        for row in event["rows"]:
            time = row["queued_ms"]
            self.print(COLUMNS.format(
                case["model"], case["batch"], row["contestant"], f"{time['median']:.4f}",
                f"[{time['low']:.4f}, {time['high']:.4f}]", f"{row['single_ms']['median']:.4f}",
                factor(row), f"{row['cosine']:.6f}"))
        self.floor(case)
        for moment, clocks in case["clocks"].items():
            texts = [f"{key} {text}" for key, text in clocks.items()] or ["clocks unknown"]
            self.print(f"{moment}: {', '.join(texts)}")

    def floor(self, case):
        floor = case["floor"]
        self.print(f"floor: {floor['flops'] / 1e9:.2f} GFLOP, weights "
                   f"{floor['weight_bytes'] / 1e6:.1f} MB, activations "
                   f"{floor['activation_bytes'] / 1e6:.1f} MB, {floor['steps']} launches "
                   f"({floor['steps_are']})")
        bounds = floor["ms"]
        if not bounds:
            return
        self.print(f"floor: {bounds['bytes']:.4f} ms for the bytes, {bounds['flops']:.4f} for the "
                   f"FLOPs, {bounds['edges']:.4f} for the launches; the largest "
                   f"{bounds['largest']:.4f}, with launches and work in turn {bounds['sum']:.4f}")

    def close(self):
        self.save()
        self.summary()
        if self.file:
            self.file.close()

    def summary(self):
        """Nitro against the best of the others, case by case."""
        lines = []
        for case in self.document["cases"]:
            others = [row for row in case["rows"] if row["contestant"] != "nitro"]
            nitro = [row for row in case["rows"] if row["contestant"] == "nitro"]
            if not others or not nitro:
                continue
            best = min(others, key=lambda row: row["queued_ms"]["median"])
            largest = case["floor"]["ms"].get("largest")
            of_floor = nitro[0]["queued_ms"]["median"] / largest if largest else float("nan")
            lines.append(f"{case['model']:<14} {case['batch']:>5}  "
                         f"{nitro[0]['queued_ms']['median']:.4f} ms, best other "
                         f"{best['contestant']} {best['queued_ms']['median']:.4f} ms: "
                         f"{factor(best)}; {of_floor:.2f} times the floor")
        if lines:
            self.print("\n== Nitro against the best of the others")
            for line in lines:
                self.print(line)
