#!/usr/bin/env python3
"""Repeats the studies behind the project with ntprof and prints them as Markdown: reports/studies.py NTPROF [ROUNDS].

Widths, depths, fusion and the distribution of primitives are those of the thesis "Profiling deep learning inference
on CPU"; the table of INT8 against FP32 has the fourteen networks of the OpenVINO slides, and DeepSpeech. What is
compared takes turns (A B C, C B A, …); ratios are medians over the rounds, with their range.
"""

import collections
import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
THREADS = 2


def profile(binary, network, *options):
    """The record of a run; half a second of passes."""
    command = [
        binary, "profile", str(ROOT / "topologies" / f"{network}.xml"), "--threads", str(THREADS), "--layers", "all",
        "--counters", "none", "--time", "0.5", "--format", "json", "--no-save", "--quiet", *options,
    ]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: {result.stderr.strip()}")
    return json.loads(result.stdout)


def compare(binary, variants):
    """Records of variants (network, options) that take turns: a list of rounds for each."""
    rounds = [[] for _ in variants]
    for number in range(ROUNDS):
        order = range(len(variants)) if number % 2 == 0 else reversed(range(len(variants)))
        for index in order:
            network, options = variants[index]
            rounds[index].append(profile(binary, network, *options))
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


def widths(binary):
    print("## MobileNet v1: widths and reorders\n")
    print("`alpha` in quarters. The thesis found that widths whose first layers have 8 or 24 channels reorder more.\n")
    variants = [("mobilenet-v1", ["--set", f"alpha={alpha}", "--tuning", tuning])
                for alpha in (1, 2, 3, 4) for tuning in ("fast", "search")]
    rows = []
    for (_, options), records in zip(variants, compare(binary, variants)):
        record = records[0]
        counts, times = primitives(record)
        total = sum(times.values())
        rows.append([
            f"{int(options[1].split('=')[1]) / 4:.2f}", options[3], f"{record['totals']['macs'] / 1e6:.0f} M",
            f"{median_latency(records):.2f}", counts["reorder"], f"{100 * times['reorder'] / total:.1f} %",
        ])
    table(["width", "tuning", "MACs", "ms", "reorders", "their time"], rows)


def depths(binary):
    print("## ResNet: depth\n")
    variants = [(f"resnet{depth}", []) for depth in (18, 34, 50, 101, 152)]
    rows = []
    for (network, _), records in zip(variants, compare(binary, variants)):
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


def fusion(binary):
    print("## Fused against unfused\n")
    rows = []
    for network in ("resnet50", "mobilenet-v1", "squeezenet-1.1", "densenet-121"):
        unfused, fused = compare(binary, [(network, ["--no-fusion"]), (network, [])])
        before, after = primitives(unfused[0])[0], primitives(fused[0])[0]
        rows.append([
            network, f"{median_latency(unfused):.2f}", f"{median_latency(fused):.2f}", ratio(unfused, fused),
            f"{sum(before.values())} → {sum(after.values())}", f"{before['reorder']} → {after['reorder']}",
        ])
    table(["network", "unfused ms", "fused ms", "times as fast (range)", "primitives", "reorders"], rows)


def precisions(binary):
    print("## Precision\n")
    print("Likeness is the least cosine between an output and that of f32.\n")
    rows = []
    networks = (
        "alexnet", "vgg16", "densenet-121", "densenet-169", "inception-v1", "inception-v4", "resnet50", "resnet101",
        "squeezenet-1.0", "squeezenet-1.1", "inception-resnet-v2", "mobilenet-v1", "mobilenet-v2", "se-resnext50",
        "deepspeech",
    )
    for network in networks:
        f32, bf16, int8 = compare(binary, [(network, ["--precision", p]) for p in ("f32", "bf16", "int8")])
        likeness = [f"{r[0]['end_to_end'].get('cosine_similarity', 1):.5f}" for r in (bf16, int8)]
        rows.append([
            network, f"{median_latency(f32):.2f}", f"{median_latency(bf16):.2f}", f"{median_latency(int8):.2f}",
            ratio(f32, bf16), ratio(f32, int8), " / ".join(likeness),
        ])
    table(["network", "f32 ms", "bf16 ms", "int8 ms", "bf16 times as fast", "int8 times as fast", "likeness"], rows)


def distribution(binary):
    print("## Primitives by count and by time\n")
    rows = []
    for network in ("alexnet", "vgg16", "resnet50", "mobilenet-v1", "densenet-121", "googlenet", "deepspeech"):
        counts, times = primitives(profile(binary, network))
        total, whole = sum(counts.values()), sum(times.values())
        rows.append([
            network,
            ", ".join(f"{kind} {count} ({100 * count / total:.0f} %)" for kind, count in counts.most_common(4)),
            ", ".join(f"{kind} {100 * time / whole:.1f} %" for kind, time in times.most_common(3)),
        ])
    table(["network", "by count", "by time"], rows)


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / ".build/release/ntprof")
    record = profile(binary, "mobilenet-v1")
    machine = record["machine"]
    print("# Studies\n")
    print(f"{machine['cpu']}, {THREADS} threads, oneDNN {machine['onednn']['version']} ({machine['onednn']['isa']}), "
          f"batch 1, `--tuning fast` unless said; {ROUNDS} rounds in turn, medians. Made by `reports/studies.py`.\n")
    for study in (widths, depths, fusion, precisions, distribution):
        study(binary)


main()
