#!/usr/bin/env python3
"""Whether two builds of ntprof run and plan networks equally fast: see README.md.

    Benchmarks/same-speed.py OLD NEW [--networks alexnet,dlrm] [--threads 1] [--rounds 5] [--time 1]
                             [--limit 1.01] [--planning-limit 1.05] [--json FILE]

Fresh processes of `profile --tuning fast` take turns, old and new, in the other order every round. A round's ratios are the
new one's median pass over the old one's, and the same of the time that planning took. A network's ratio is the median over the
rounds; printed are these with their spread, and the geometric means over the networks. The status is 1 where a geometric mean is
above its limit. With --json what was measured is kept and not measured again, so that more rounds can be added.
"""

import argparse
import json
import math
import pathlib
import statistics
import subprocess
import sys

import networks
import rounds as turns

FIGURES = {
    "pass": lambda record: record["end_to_end"]["time"]["median"],
    "planning": lambda record: record["end_to_end"]["planning_ns"],
}


def profile(ntprof, network, options):
    command = [
        ntprof, "profile", *network.options, "--tuning", "fast", "--counters", "none", "--no-save", "--quiet",
        "--format", "json", "--time", str(options.time), "--seed", "1", "--threads", str(options.threads)]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(command)}\nended with {result.returncode}: {result.stderr}")
    record = json.loads(result.stdout)
    return {name: figure(record) for name, figure in FIGURES.items()}


def geometric(ratios):
    return math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--networks", nargs="*", help="as in bench.py")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--time", type=float, default=1, help="seconds of measuring a process")
    parser.add_argument("--limit", type=float, default=1.01)
    parser.add_argument("--planning-limit", type=float, default=1.05)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    kept = json.loads(options.json.read_text()) if options.json and options.json.exists() else {}
    chosen = networks.find(options.networks)
    for number in range(options.rounds):
        for network in chosen:
            done = kept.setdefault(f"{network.name} {options.threads}", [])
            if len(done) > number:
                continue
            sides = [("old", options.old), ("new", options.new)]
            done.append({
                side: profile(ntprof, network, options)
                for side, ntprof in (sides if number % 2 == 0 else reversed(sides))})
            if options.json:
                options.json.write_text(json.dumps(kept))
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    status = 0
    for figure, limit in (("pass", options.limit), ("planning", options.planning_limit)):
        print(f"{figure}, new/old, {options.threads} thread(s)")
        medians = []
        for network in chosen:
            done = kept[f"{network.name} {options.threads}"]
            ratios = [one["new"][figure] / one["old"][figure] for one in done]
            medians.append(statistics.median(ratios))
            old = statistics.median(one["old"][figure] for one in done) / 1e6
            print(f"  {network.name:18} old {old:9.3f} ms   {turns.spread(ratios)}")
        mean = geometric(medians)
        status = 1 if mean > limit else status
        print(f"  geometric mean     {mean:.4f} ({min(medians):.4f}…{max(medians):.4f}); limit {limit}")
    return status


if __name__ == "__main__":
    sys.exit(main())
