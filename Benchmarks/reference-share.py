#!/usr/bin/env python3
"""The share of each network's time that passes in oneDNN's reference loops; see README.md.

Takes topologies and folders of them; by default the bundled ones. Ends with status 1 where a share
is above the limit.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import networks


def main() -> int:
    options = arguments()
    worst = 0.0
    rows = [["network", "precision", "ms", "ref %", "plain loops %", "ntprof's own %", "most"]]
    for path in networks.topologies(options.paths or [networks.ROOT / "topologies"]):
        for precision in options.precision.split(","):
            try:
                record = profile(path, precision, options)
            except RuntimeError as error:
                note(f"{path.stem} ({precision}): {error}")
                worst = 1.0
                continue
            shares = Shares(record)
            worst = max(worst, shares.reference)
            rows.append(
                [path.stem, precision, f"{shares.total / 1e6:.2f}"]
                + [f"{100 * share:.2f}" for share in (shares.reference, shares.plain, shares.own)]
                + [shares.most])
            note("  ".join(rows[-1]))
    print(table(rows))
    if 100 * worst > options.limit:
        note(f"above {options.limit} % in reference loops")
        return 1
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=pathlib.Path, help="topologies, or folders of them")
    parser.add_argument("--ntprof", default=str(networks.ROOT / ".build/release/ntprof"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--isa", help="the instruction set that oneDNN is held to")
    parser.add_argument("--precision", default="f32", help="joined by commas: f32, bf16, int8")
    parser.add_argument("--tuning", choices=["fast", "auto", "search"], default="fast")
    parser.add_argument("--no-fusion", action="store_true")
    parser.add_argument("--time", type=float, default=0.2, help="seconds of measuring a network")
    parser.add_argument("--limit", type=float, default=1.0, help="the share in %% that is too much")
    return parser.parse_args()


def profile(path: pathlib.Path, precision: str, options: argparse.Namespace) -> dict:
    command = [
        options.ntprof, "profile", str(path), "--layers", "all", "--threads", str(options.threads),
        "--precision", precision, "--tuning", options.tuning, "--counters", "none", "--warmup", "1",
        "--time", str(options.time), "--format", "json", "--no-save", "--quiet",
    ]
    if options.batch:
        command += ["--batch", str(options.batch)]
    if options.isa:
        command += ["--isa", options.isa]
    if options.no_fusion:
        command.append("--no-fusion")
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(result.stderr.strip() or f"status {result.returncode}")
    return json.loads(result.stdout)


class Shares:
    """Of all primitives' time: that of reference loops, of other plain loops, of ntprof's kernels.

    The recurrent primitive that oneDNN calls `ref` is one of fast matrix products.
    """

    def __init__(self, record: dict):
        self.total = 0.0
        times = {"reference": 0.0, "plain": 0.0, "own": 0.0}
        most = (0.0, "")
        for layer in record["layers"]:
            for primitive in layer.get("primitives", []):
                if "time" not in primitive:
                    continue
                time = primitive["time"]["median"]
                self.total += time
                kind = classify(primitive["kind"], primitive["implementation"])
                if kind is None:
                    continue
                times[kind] += time
                if kind == "reference" and time > most[0]:
                    shape = "x".join(str(extent) for extent in layer["output_shape"]) \
                        if isinstance(layer["output_shape"], list) else layer["output_shape"]
                    most = (time, (
                        f"{layer['name']}: {primitive['kind']} {primitive['implementation']} "
                        f"{shape} {primitive.get('formats', {}).get('src', '')}"))
        self.reference, self.plain, self.own = (
            times[kind] / self.total if self.total else 0.0
            for kind in ("reference", "plain", "own"))
        self.most = most[1]


def classify(kind: str, implementation: str) -> str | None:
    if kind == "host" or implementation.startswith("host:"):
        return "own"
    if kind == "rnn":
        return None
    if "ref" in implementation:
        return "reference"
    # Of reorders and concatenations `simple` is a copy of whole runs.
    if kind == "pooling" and implementation.startswith("simple"):
        return "plain"
    return None


def table(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if 2 <= column < 6 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
