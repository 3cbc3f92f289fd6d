#!/usr/bin/env python3
"""How far `ntprof predict` is from what is then measured; see ../docs/predict.md.

Measures networks on this machine on both sides of each change (1 to 2 threads, one instruction set to a narrower
one), predicts every network from its record on the one side, alone and with the records of all other networks on both
sides, and compares. With --records also from records of another machine to this one.

Records are kept in --folder and not measured again, so that a long list can be measured in pieces (--seconds).
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import time

import networks

# Small to middling networks of every kind, some with params that keep them short.
DEFAULT = [
    "alexnet", "vgg16", "resnet18", "resnet50", "resnext50", "se-resnext50", "mobilenet-v1", "mobilenet-v2",
    "mobilenet-v3-large", "squeezenet-1.1", "shufflenet-v1", "densenet-121", "googlenet", "inception-v3",
    "efficientnet-b0", "yolov3-tiny", "ssd-mobilenet-v1", "unet-256", "deepspeech", "deepspeech-0.9", "ptb-lstm",
    "gnmt", "rnn-t", "bert-base", "transformer-base", "vit-b-16", "swin-t", "conformer-s", "dlrm", "wavenet",
]


def main() -> int:
    options = arguments()
    # Before anything is measured.
    documents = {path: json.loads(pathlib.Path(path).read_text()) for path in options.records}
    for path, document in documents.items():
        if document.get("schema") != "ntprof.record/1":
            raise SystemExit(f"{path}: is {document.get('schema', 'no document of ntprof')}, not the record of a run")
    folder = pathlib.Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = options.networks.split(",") if options.networks else DEFAULT
    sides = {"1 thread": (1, None), "2 threads": (2, None)}
    wide = effective(options)
    narrow = options.isa or ("avx2" if wide.startswith("avx512") else "sse41")
    sides[narrow] = (1, narrow)
    machines = {side: machine(options, folder, *how) for side, how in sides.items()}
    missing = measure(options, folder, names, sides)
    if missing:
        print(f"{missing} records are still to be measured: run it again")
    changes = [("1 thread", "2 threads"), ("2 threads", "1 thread"), ("1 thread", narrow)]
    rows = []
    for source, target in changes:
        known = [name for name in names if record(folder, name, sides[source]).exists()
                 and record(folder, name, sides[target]).exists()]
        for learns in (False, True):
            rows.append(Row(f"{source} to {target}" + (", with other networks" if learns else "")))
            for name in known:
                others = [n for n in known if n != name] if learns else []
                paths = [record(folder, name, sides[source])]
                paths += [record(folder, n, sides[side]) for n in others for side in (source, target)]
                rows[-1].add(name, predict(options, name, machines[target], paths),
                             median(record(folder, name, sides[target])))
    for path, document in documents.items():
        rows += foreign(options, folder, document, path, machines, sides, names)
    print(table(rows))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps([row.__dict__ for row in rows], indent=1) + "\n")
    for row in rows:
        if options.verbose:
            print(f"\n{row.title}")
            for name, predicted, measured, inside in row.networks:
                print(f"  {name:22}{predicted / 1e6:10.3f}{measured / 1e6:10.3f} ms"
                      f"{100 * (predicted / measured - 1):+8.1f} %{'' if inside else '  outside its interval'}")
    return 0


def foreign(options, folder, document, path, machines, sides, names) -> list["Row"]:
    """From a record of another machine to this one: alone, and with what other networks take here."""
    name = document["topology"]["name"]
    threads, batch = document["options"]["threads"], document["options"]["batch"]
    side = (threads, None)
    place = record(folder, name, side, batch)
    if not place.exists():
        profile(options, place, name, side, batch)
    if not place.exists():
        return []
    target = machines["1 thread" if threads == 1 else "2 threads"]
    rows = []
    for learns in (False, True):
        here = [record(folder, n, side) for n in names if n != name] if learns else []
        row = Row("another machine to this one" + (", with other networks here" if learns else ""))
        row.add(f"{name}, batch {batch}, {threads} threads",
                predict(options, name, target, [pathlib.Path(path)] + [p for p in here if p.exists()], batch,
                        document["options"]["tuning"]), median(place))
        rows.append(row)
    return rows


class Row:
    """Predictions of one sort against measurements."""

    def __init__(self, title: str):
        self.title = title
        self.networks = []

    def add(self, name: str, figure: dict, measured: float) -> None:
        low, high = figure["ci95"]
        self.networks.append((name, figure["ns"], measured, low <= measured <= high))

    @property
    def cells(self) -> list[str]:
        errors = [math.log(predicted / measured) for _, predicted, measured, _ in self.networks]
        if not errors:
            return [self.title, "0", "", "", "", ""]
        mean = math.expm1(sum(map(abs, errors)) / len(errors))
        bias = math.expm1(sum(errors) / len(errors))
        worst = max(range(len(errors)), key=lambda place: abs(errors[place]))
        inside = sum(inside for *_, inside in self.networks)
        return [self.title, str(len(errors)), f"{100 * mean:.1f}", f"{100 * bias:+.1f}",
                f"{100 * math.expm1(errors[worst]):+.1f} {self.networks[worst][0]}", f"{inside}/{len(errors)}"]


def table(rows: list[Row]) -> str:
    merged = {}
    for row in rows:
        merged.setdefault(row.title, Row(row.title)).networks.extend(row.networks)
    lines = [["from … to", "networks", "error %", "bias %", "worst %", "in interval"]]
    lines += [row.cells for row in merged.values()]
    lines += [["goal", "", "15", "", "", ""],
              ["ANNETTE (models measured on the target)", "12", "3.5-7.4", "", "", ""],
              ["nn-Meter (kernels measured on the target)", "", "< 10 for 99 % (mobile CPU)", "", "", ""]]
    widths = [max(len(line[place]) for line in lines) for place in range(6)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def record(folder: pathlib.Path, name: str, side: tuple, batch: int | None = None) -> pathlib.Path:
    threads, isa = side
    more = f"-b{batch}" if batch and batch != 1 else ""
    return folder / f"{name}{more}-t{threads}{'-' + isa if isa else ''}.json"


def measure(options, folder, names, sides) -> int:
    """Measures what is not there, networks in turn over the sides, until time is up; returns what is left."""
    begin = time.monotonic()
    missing = 0
    for name in names:
        for side in sides.values():
            path = record(folder, name, side)
            if path.exists():
                continue
            if time.monotonic() - begin > options.seconds:
                missing += 1
                continue
            profile(options, path, name, side)
            missing += not path.exists()
    return missing


def profile(options, path, name, side, batch=None) -> None:
    threads, isa = side
    command = [options.ntprof, "profile", *networks.Network(name, name).options, "--layers", "all", "--threads",
               str(threads), "--tuning", options.tuning, "--counters", "none", "--warmup", "1", "--time",
               str(options.time), "--format", "json", "--no-save", "--quiet"]
    if isa:
        command += ["--isa", isa]
    if batch:
        command += ["--batch", str(batch)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        print(f"{name}, {side}: {result.stderr.strip()}", file=sys.stderr)
        return
    share = disturbed(json.loads(result.stdout))
    if share >= options.disturbed:
        print(f"{path.name}: not kept, other programs disturbed {100 * share:.0f} % of its passes", file=sys.stderr)
        return
    path.write_text(result.stdout)
    print(f"{path.name}: {median(path) / 1e6:.3f} ms", file=sys.stderr)


def disturbed(record: dict) -> float:
    """The share of the samples that other programs disturbed."""
    found = record["end_to_end"].get("disturbance", {"pairs": 0, "disturbed": 0, "kept": 0})
    samples = found["pairs"] - found["disturbed"] + found["kept"]
    return found["kept"] / samples if samples else 0.0


def machine(options, folder, threads, isa) -> pathlib.Path:
    path = folder / f"machine-t{threads}{'-' + isa if isa else ''}.json"
    if not path.exists():
        command = [options.ntprof, "machine", "--threads", str(threads), "--format", "json"]
        if isa:
            command += ["--isa", isa]
        path.write_text(run(command))
    return path


def effective(options) -> str:
    return json.loads(run([options.ntprof, "machine", "--threads", "1", "--format", "json"]))["onednn"]["isa"]


def predict(options, name, target, paths, batch=None, tuning=None) -> dict:
    command = [options.ntprof, "predict", *networks.Network(name, name).options, "--for", str(target),
               "--tuning", tuning or options.tuning, "--format", "json", "--no-save", "--quiet",
               "--store", str(target.parent)]
    if batch:
        command += ["--batch", str(batch)]
    return json.loads(run(command + ["--from", *map(str, paths)]))["whole"]


def run(command: list[str]) -> str:
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command[:4])} …: {result.stderr.strip()}")
    return result.stdout


def median(path: pathlib.Path) -> float:
    return json.loads(path.read_text())["end_to_end"]["time"]["median"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ntprof", default=str(networks.ROOT / ".build/release/ntprof"))
    parser.add_argument("--networks", help="joined by commas")
    parser.add_argument("--folder", default="reports/predict-errors", help="where records are kept")
    parser.add_argument("--isa", help="the narrower instruction set (avx2 from AVX-512 on, else sse41)")
    parser.add_argument("--records", nargs="*", default=[], help="records of another machine")
    parser.add_argument("--tuning", choices=["fast", "auto", "search"], default="fast")
    parser.add_argument("--time", type=float, default=0.4, help="seconds of measuring a network")
    parser.add_argument("--seconds", type=float, default=1e9, help="seconds of measuring in all")
    parser.add_argument("--disturbed", type=float, default=0.2,
                        help="share of disturbed passes from which on a record is not kept")
    parser.add_argument("--json", help="keep all figures there")
    parser.add_argument("--verbose", action="store_true", help="print every network")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
