#!/usr/bin/env python3
"""Whether the bound of a layer is the same in every run: profiles each network in several processes
and counts the cells (network, batch, threads, layer) whose class differs between them.

    Benchmarks/label-stability.py [NTPROF]
    Benchmarks/label-stability.py --networks mobilenet-v1 --batches 1 --threads 2 --processes 6

Of the flips it says which kind each is:

    neighbours  to or from `balanced`: no limit stood out in one of the runs
    hand-off    between runs whose threads lay elsewhere: the hand-off of a cache line differs by a
                factor of 2, or did so within one of the runs; `diff` names it as a reason
    WRONG       any other; the script then ends with status 1

Labels of low confidence (bytes counted too high, or a run that other programs disturbed) are counted
and not compared. Run it on a quiet machine.
"""

import argparse
import itertools
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACEMENT = 2.0


def profile(ntprof, network, batch, threads, options):
    """The record of one process."""
    path = network if "/" in network else str(ROOT / "topologies" / f"{network}.xml")
    command = [
        ntprof, "profile", path, "--batch", str(batch), "--threads", str(threads), "--layers", "all",
        "--counters", "none", "--no-save", "--quiet", "--format", "json", *options,
    ]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def hand_offs(record):
    return record["machine"].get("rooflines", {}).get("hand_off_ns", [])


def moved(first, second):
    """Whether the threads of two runs lay elsewhere, or changed place within one."""
    both = first + second
    return bool(both) and max(both) >= PLACEMENT * min(both)


def labels(record):
    """Class, confidence and efficiency of each layer that has a bound."""
    return {
        layer["name"]: (
            layer["bound"]["class"], layer["bound"]["confidence"],
            layer["bound"].get("evidence", {}).get("efficiency"),
        )
        for layer in record["layers"]
        if "bound" in layer and layer["bound"]["class"] != "unknown"
    }


def compare(records):
    """The flips of one cell's records: (layer, kind, what each run said)."""
    runs = [labels(record) for record in records]
    places = [hand_offs(record) for record in records]
    found, compared, low = [], 0, 0
    for name in runs[0]:
        seen = []
        for index, run in enumerate(runs):
            if name not in run:
                continue
            compared += 1
            if run[name][1] == "low":
                low += 1
            else:
                seen.append((index, *run[name]))
        if len({label for _, label, _, _ in seen}) < 2:
            continue
        kind = "neighbours"
        for first, second in itertools.combinations(seen, 2):
            if first[1] == second[1] or "balanced" in (first[1], second[1]):
                continue
            if not moved(places[first[0]], places[second[0]]):
                kind = "WRONG"
                break
            kind = "hand-off"
        found.append((name, kind, seen))
    return found, len(runs[0]), compared, low


def text(seen):
    return ", ".join(
        f"{label} {'-' if share is None else format(share, '.2f')}" for _, label, _, share in seen)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "ntprof", nargs="?", default=str(ROOT / ".build/release/ntprof"), help="the program")
    parser.add_argument(
        "--networks", nargs="+", default=["deepspeech", "resnet50", "mobilenet-v1"],
        help="bundled names, or paths")
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 64])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--processes", type=int, default=5)
    parser.add_argument("--keep", help="a folder for the records")
    parser.add_argument(
        "--options", default="", help="more options of profile, such as '--time 1'")
    parser.add_argument(
        "--records", nargs="+", help="compare these records of one network instead of measuring")
    arguments = parser.parse_args()

    if arguments.records:
        cells = [("records", [json.loads(pathlib.Path(p).read_text()) for p in arguments.records])]
    else:
        cells = measured(arguments)
    counts = dict.fromkeys(["layers", "labels", "low", "neighbours", "hand-off", "WRONG"], 0)
    for cell, records in cells:
        flips, layers, compared, low = compare(records)
        places = [hand_offs(record) for record in records]
        if any(places):
            shown = " ".join(
                "-".join(sorted({f"{min(p):.0f}", f"{max(p):.0f}"}, key=float)) if p else "?"
                for p in places)
            print(f"{cell}: hand-off {shown} ns")
        for name, kind, seen in flips:
            counts[kind] += 1
            print(f"{kind:10} {cell}/{name}: {text(seen)}")
        counts["layers"] += layers
        counts["labels"] += compared
        counts["low"] += low
    print(
        f"{counts['layers']} layers; flips: {counts['neighbours']} to or from balanced, "
        f"{counts['hand-off']} marked by a changed hand-off, {counts['WRONG']} others; "
        f"{counts['low']} of {counts['labels']} labels not compared for their low confidence")
    return 1 if counts["WRONG"] else 0


def measured(arguments):
    options = arguments.options.split()
    for network, batch, threads in itertools.product(
            arguments.networks, arguments.batches, arguments.threads):
        cell = f"{pathlib.Path(network).stem}/{batch}/{threads}"
        records = []
        for run in range(arguments.processes):
            print(f"{cell}: run {run + 1} of {arguments.processes}", file=sys.stderr)
            records.append(profile(arguments.ntprof, network, batch, threads, options))
            if arguments.keep:
                folder = pathlib.Path(arguments.keep)
                folder.mkdir(parents=True, exist_ok=True)
                name = f"{cell.replace('/', '-')}-{run + 1}.json"
                (folder / name).write_text(json.dumps(records[-1]))
        yield cell, records


if __name__ == "__main__":
    sys.exit(main())
