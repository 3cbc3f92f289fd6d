#!/usr/bin/env python3
"""Learns the tables of Sources/Execution/Planning/Tuning/CostModel.swift from what searches found.

ntprof keeps what `--tuning search` timed in $XDG_CACHE_HOME/ntprof/tuning-2-*.json. This reads such files,
fits one line for each kind of convolution and for each kind of reorder, says how well the lines predict and
choose, and prints the tables as Swift. Make the files first, with nothing else running:

    for name in $(cd topologies && ls *.xml); do for threads in 1 2; do    # 2: where the cores are free
      ntprof profile topologies/$name --tuning search --threads $threads --iterations 1 --no-save --quiet
    done; done
    Benchmarks/learn-tuning.py ~/.cache/ntprof/tuning-2-*.json

Of each place those implementations count that oneDNN names first for a form (its own choice, channels last, in
blocks, Winograd): what a guess has to choose from.

* Lines, for oneDNN's own choice: ln t = a + b ln(MACs) + c ln(values read and written) + d ln(weights)
  + e ln(threads), t in ns, fitted by least squares that weigh outliers less (Huber's weights, ten rounds). Every second
  place in order of its key is left out of the fit and is what the errors are of.
* Ratios, for the other forms: the upper quartile of their time over that of oneDNN's own choice at the same place.
  Below 1 three of four places gain. A line for the ratio in the same features predicts worse than that one number.
"""

import argparse
import json
import math
import re
import statistics
import sys
from collections import defaultdict
from pathlib import Path

import numpy

NUMBERS = re.compile(r"(\w+): (\[[^\]]*\]|\w+)")

def convolution(key):
    """The numbers of a convolution's key; None for another operation or another number format."""
    match = re.match(r"convolution\(Topology\.Convolution\((.*?)\)\) \[\"(\[.*?\])\"\] .* (\d+) threads(.*)", key)
    if not match or match[4] not in ("", " cold"):
        return None
    numbers = {name: json.loads(value) for name, value in NUMBERS.findall(match[1])}
    source = json.loads(match[2])
    spatial = [
        (extent + begin + end - dilation * (kernel - 1) - 1) // stride + 1
        for extent, kernel, stride, begin, end, dilation in zip(
            source[2:], numbers["kernel"], numbers["stride"], numbers["paddingBegin"], numbers["paddingEnd"],
            numbers["dilation"])
    ]
    result = [source[0], numbers["filters"], *spatial]
    weights = numbers["filters"] * source[1] // numbers["groups"] * math.prod(numbers["kernel"])
    return {
        "macs": weights * math.prod(spatial) * source[0],
        "values": math.prod(source) + math.prod(result),
        "weights": weights,
        "threads": int(match[3]),
        "cold": match[4] == " cold",
    }


def form(formats):
    """How source and result lie: plain, last or blocked, a letter each."""
    def one(text):
        if text.startswith("aB") or text[-1].isdigit() or re.search(r"\d+b$", text):
            return "b"
        return "p" if text == "".join(sorted(text)) else "l"
    return one(formats[0]) + one(formats[2])


def kind(entry):
    """What a line is fitted for: the code, and how source and result lie."""
    code = entry["implementation"]
    code = "gemm" if "gemm" in code and "brgemm" not in code else code.split(":")[0]
    if entry.get("algorithm") == "convolution_winograd":
        code = "winograd"
    return f"{code} {form(entry['formats'])}"


def row(place):
    return [1, math.log(place["macs"]), math.log(place["values"]), math.log(place["weights"]),
            math.log(place["threads"])]


def fit(rows, times):
    """Coefficients of ln t by Huber's weights; coefficients that cannot be told apart become small.

    The last feature is that of threads: where all samples have one number of them, they share the work evenly.
    """
    rows, times = numpy.array(rows, float), numpy.log(numpy.array(times, float))
    alike = len(set(rows[:, -1])) == 1
    if alike:
        times, rows = times + rows[:, -1], rows[:, :-1]
    weights = numpy.ones(len(times))
    ridge = 1e-3 * numpy.eye(rows.shape[1])
    ridge[0, 0] = 0
    for _ in range(10):
        scaled = rows * weights[:, None]
        line = numpy.linalg.solve(scaled.T @ rows + ridge, scaled.T @ times)
        errors = numpy.abs(rows @ line - times)
        scale = max(1.5 * float(numpy.median(errors)), 0.02)
        weights = numpy.minimum(1, scale / numpy.maximum(errors, 1e-9))
    return numpy.append(line, -1) if alike else line


def read(files):
    places, moves = [], []
    for file in files:
        document = json.loads(Path(file).read_text())
        for key, entries in sorted(document["found"].items()):
            place = convolution(key)
            if place:
                place["entries"] = [entry for entry in entries if entry.get("time") and not entry.get("fault")]
                if len(place["entries"]) > 1:
                    places.append(place)
        for key, time in sorted(document["reorders"].items()):
            match = re.match(r"(\[.*?\]) (\S+) (\S+) (\d+) threads$", key)
            if match and len(json.loads(match[1])) == 4:
                moves.append({"bytes": 4 * math.prod(json.loads(match[1])), "threads": int(match[4]),
                              "form": form([match[2], "", match[3]]), "time": time})
    return places, moves


def firsts(place):
    """What oneDNN names first for each form, its own choice first."""
    seen = {}
    for entry in place["entries"]:
        seen.setdefault(entry["variant"], entry)
    return [seen[variant] for variant in sorted(seen)]


def quartile(values):
    return sorted(values)[3 * len(values) // 4]


def check(places, ratios):
    """How far the choice by the ratios, and oneDNN's first one, lie above the fastest of the forms."""
    chosen, first = [], []
    for place in places:
        forms = firsts(place)
        best = min(entry["time"] for entry in forms)
        first.append(forms[0]["time"] / best)
        guess = min(forms, key=lambda entry: 1 if entry is forms[0]
                    else ratios.get((kind(forms[0]), kind(entry)), math.inf))
        chosen.append(guess["time"] / best)
    return chosen, first


def swift(name, lines):
    print(f"  static let {name}: [String: Line] = [")
    for key, line in sorted(lines.items()):
        print(f'    "{key}": [' + ", ".join(f"{value:.3f}" for value in line) + "],")
    print("  ]")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--fewest", type=int, default=8, help="places that a line or a ratio needs")
    options = parser.parse_args()
    places, moves = read(options.files)
    if not places:
        sys.exit("no convolution was found in these files")
    samples, pairs = defaultdict(list), [defaultdict(list), defaultdict(list)]
    for index, place in enumerate(places):
        own, *others = firsts(place)
        samples[kind(own)].append((row(place), own["time"], index % 2 == 0))
        for other in others:
            pairs[index % 2][kind(own), kind(other)].append(other["time"] / own["time"])
    print(f"{len(places)} convolutions, {len(moves)} reorders")
    print(f"{'own choice':<14}{'places':>8}{'half of the errors are below':>32}")
    lines = {}
    for name, rows in sorted(samples.items()):
        if len(rows) < options.fewest:
            continue
        lines[name] = fit([r for r, _, _ in rows], [t for _, t, _ in rows])
        half = fit([r for r, _, isLearned in rows if isLearned], [t for _, t, isLearned in rows if isLearned])
        errors = [abs(float(numpy.dot(half, r)) - math.log(t)) for r, t, isLearned in rows if not isLearned]
        print(f"{name:<14}{len(rows):>8}{100 * (math.exp(statistics.median(errors)) - 1):>30.0f} %")
    print(f"{'own choice':<14}{'other form':<14}{'places':>8}{'quartiles of the ratio':>26}")
    ratios = {}
    for pair in sorted(set(pairs[0]) | set(pairs[1])):
        values = sorted(pairs[0][pair] + pairs[1][pair])
        if len(values) < options.fewest:
            continue
        ratios[pair] = quartile(values)
        quarters = " ".join(f"{values[place * len(values) // 4]:.2f}" for place in (1, 2, 3))
        print(f"{pair[0]:<14}{pair[1]:<14}{len(values):>8}{quarters:>26}")
    learned = {pair: quartile(values) for pair, values in pairs[0].items() if len(values) >= options.fewest // 2}
    chosen, first = check(places[1::2], learned)
    for words, shares in [("by the ratios", chosen), ("oneDNN's first choice", first)]:
        mean = math.exp(statistics.mean(map(math.log, shares)))
        print(f"{words}: {mean:.3f} of the fastest form (geometric mean), within 5 % in "
              f"{100 * sum(share < 1.05 for share in shares) / len(shares):.0f} % of {len(shares)} places left out")
    moved = defaultdict(list)
    for move in moves:
        moved[move["form"]].append(([1, math.log(move["bytes"]), math.log(move["threads"])], move["time"]))
    swift("convolutions", lines)
    print("  static let ratios: [String: Double] = [")
    for (own, other), ratio in sorted(ratios.items()):
        print(f'    "{own} > {other}": {ratio:.2f},')
    print("  ]")
    swift("reorders", {name: fit([r for r, _ in rows], [t for _, t in rows])
                       for name, rows in moved.items() if len(rows) >= options.fewest})


if __name__ == "__main__":
    main()
