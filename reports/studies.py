#!/usr/bin/env python3
"""Repeats the studies behind the project with ntprof and prints them as Markdown.

    studies.py [--ntprof PATH] [--rounds N] [--seconds S] [--threads N] [widths depths fusion precision primitives]

Widths, depths, fusion and the distribution of primitives are those of the thesis "Profiling deep learning inference
on CPU"; the table of INT8 against FP32 has the fourteen networks of the OpenVINO slides, and DeepSpeech. What is
compared takes turns (A B C, C B A, …); ratios are medians over the rounds, with their range.
"""

import argparse
import collections
import json
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHOICE = argparse.Namespace()


def profile(network, *options):
    """The record of a run."""
    command = [
        CHOICE.ntprof, "profile", str(ROOT / "topologies" / f"{network}.xml"), "--threads", str(CHOICE.threads),
        "--layers", "all", "--counters", "none", "--time", str(CHOICE.seconds), "--format", "json", "--no-save",
        "--quiet", *options,
    ]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: {result.stderr.strip()}")
    return json.loads(result.stdout)


def compare(variants):
    """Records of variants (network, options) that take turns: a list of rounds for each."""
    rounds = [[] for _ in variants]
    for number in range(CHOICE.rounds):
        order = range(len(variants)) if number % 2 == 0 else reversed(range(len(variants)))
        for index in order:
            network, options = variants[index]
            rounds[index].append(profile(network, *options))
    return rounds


def latency(record):
    return record["end_to_end"]["time"]["median"] / 1e6


def median_latency(records):
    return statistics.median(map(latency, records))


def ratio(a, b):
    """How many times as fast as `a` is `b`, with the range over rounds."""
    values = [latency(x) / latency(y) for x, y in zip(a, b)]
    return f"{statistics.median(values):.2f} ({min(values):.2f}…{max(values):.2f})"


def primitives(record):
    """Counts and milliseconds by kind."""
    counts, times = collections.Counter(), collections.Counter()
    for layer in record["layers"]:
        for primitive in layer["primitives"]:
            counts[primitive["kind"]] += 1
            times[primitive["kind"]] += primitive["time"]["mean"] / 1e6
    return counts, times


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


def widths():
    print("## MobileNet v1: widths and reorders\n")
    print("`alpha` in quarters. The thesis found that widths whose first layers have 8 or 24 channels reorder more.\n")
    variants = [("mobilenet-v1", ["--set", f"alpha={alpha}", "--tuning", tuning])
                for alpha in (1, 2, 3, 4) for tuning in ("fast", "search")]
    rows = []
    for (_, options), records in zip(variants, compare(variants)):
        record = records[0]
        counts, times = primitives(record)
        total = sum(times.values())
        rows.append([
            f"{int(options[1].split('=')[1]) / 4:.2f}", options[3], f"{record['totals']['macs'] / 1e6:.0f} M",
            f"{median_latency(records):.2f}", counts["reorder"], f"{100 * times['reorder'] / total:.1f} %",
        ])
    table(["width", "tuning", "MACs", "ms", "reorders", "their time"], rows)


def depths():
    print("## ResNet: depth\n")
    variants = [(f"resnet{depth}", []) for depth in (18, 34, 50, 101, 152)]
    rows = []
    for (network, _), records in zip(variants, compare(variants)):
        record = records[0]
        counts, _ = primitives(record)
        bounds = collections.Counter()
        for layer in record["layers"]:
            if "bound" in layer:
                bounds[layer["bound"]["class"]] += layer.get("share", 0)
        rows.append([
            network, f"{record['totals']['macs'] / 1e9:.2f} G", f"{median_latency(records):.1f}",
            f"{2 * record['totals']['macs'] / median_latency(records) / 1e6:.0f}", sum(counts.values()),
            ", ".join(f"{name} {100 * share:.0f} %" for name, share in bounds.most_common(3)),
        ])
    table(["network", "MACs", "ms", "GFLOP/s", "primitives", "bound, share of time"], rows)


def fusion():
    print("## Fused against unfused\n")
    rows = []
    for network in ("resnet50", "mobilenet-v1", "squeezenet-1.1", "densenet-121"):
        unfused, fused = compare([(network, ["--no-fusion"]), (network, [])])
        before, after = primitives(unfused[0])[0], primitives(fused[0])[0]
        rows.append([
            network, f"{median_latency(unfused):.2f}", f"{median_latency(fused):.2f}", ratio(unfused, fused),
            f"{sum(before.values())} → {sum(after.values())}", f"{before['reorder']} → {after['reorder']}",
        ])
    table(["network", "unfused ms", "fused ms", "times as fast (range)", "primitives", "reorders"], rows)


# Networks of the slides "Image classification with OpenVINO" (table I), and frames a second there on a CPU in FP32 and
# INT8, where the slides give them.
SLIDES = {
    "alexnet": (79, 89),
    "vgg16": (10, 15),
    "densenet-121": (59, 75),
    "densenet-169": (20, 31),
    "inception-v1": (107, 154),
    "inception-v4": (15, 23),
    "resnet50": (53, 78),
    "resnet101": (25, 39),
    "squeezenet-1.0": (212, 302),
    "squeezenet-1.1": (462, 573),
    "inception-resnet-v2": (14, 19),
    "mobilenet-v1": (275, 335),
    "mobilenet-v2": (307, 315),
    "se-resnext50": (21, 32),
    "deepspeech": None,
}


def precisions():
    print("## Precision\n")
    print("Likeness is the least cosine between an output and that of f32. The last column is INT8 over FP32 of the "
          "OpenVINO slides, on their CPU.\n")
    rows = []
    for network, rates in SLIDES.items():
        f32, bf16, int8 = compare([(network, ["--precision", p]) for p in ("f32", "bf16", "int8")])
        likeness = [f"{r[0]['end_to_end'].get('cosine_similarity', 1):.5f}" for r in (bf16, int8)]
        rows.append([
            network, f"{median_latency(f32):.2f}", f"{median_latency(bf16):.2f}", f"{median_latency(int8):.2f}",
            ratio(f32, bf16), ratio(f32, int8), " / ".join(likeness),
            f"{rates[1] / rates[0]:.2f}" if rates else "",
        ])
    table(["network", "f32 ms", "bf16 ms", "int8 ms", "bf16 times as fast", "int8 times as fast", "likeness",
           "slides: int8"], rows)


def distribution():
    print("## Primitives by count and by time\n")
    rows = []
    for network in ("alexnet", "vgg16", "resnet50", "mobilenet-v1", "densenet-121", "googlenet", "deepspeech"):
        counts, times = primitives(profile(network))
        total, whole = sum(counts.values()), sum(times.values())
        rows.append([
            network,
            ", ".join(f"{kind} {count} ({100 * count / total:.0f} %)" for kind, count in counts.most_common(4)),
            ", ".join(f"{kind} {100 * time / whole:.1f} %" for kind, time in times.most_common(3)),
        ])
    table(["network", "by count", "by time"], rows)


STUDIES = {"widths": widths, "depths": depths, "fusion": fusion, "precision": precisions, "primitives": distribution}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ntprof", default=str(ROOT / ".build/release/ntprof"), help="the program")
    parser.add_argument("--rounds", type=int, default=3, help="times that every variant is run")
    parser.add_argument("--seconds", type=float, default=0.5, help="of passes in each run")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("studies", nargs="*", choices=[*STUDIES, []], help="all of them by default")
    parser.parse_args(namespace=CHOICE)
    record = profile("mobilenet-v1")
    machine = record["machine"]
    print("# Studies\n")
    print(f"{machine['cpu']}, {CHOICE.threads} threads, oneDNN {machine['onednn']['version']} "
          f"({machine['onednn']['isa']}), batch 1, `--tuning fast` unless said; {CHOICE.rounds} rounds in turn, medians. "
          "Made by `reports/studies.py`.\n")
    for name in CHOICE.studies or STUDIES:
        started = time.monotonic()
        STUDIES[name]()
        sys.stdout.flush()
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)


main()
