#!/usr/bin/env python3
"""Whether comparisons hold up between processes: a network against itself, a true change, coverage.

    Benchmarks/between-processes.py [--ntprof PATH] [--only singles,same,turns,change,coverage]
                                    [--networks A.xml B.xml C.xml] [--records 8] [--repetitions 10]
                                    [--processes N]

singles   RECORDS records of one process each, all ordered pairs compared with --gate 3: how many are
          called faster or slower, and how the gate answers.
same      the same with records of `profile --processes 10`, made apart in time.
turns     the recipe for CI, `diff A A --gate 3`, REPETITIONS times, with as many processes as that
          chooses (--processes N: with so many instead).
change    a true change of 5 % (DeepSpeech, hidden 1952 to 2000: its products grow by 5.0 %), by the
          recipe for CI, REPETITIONS times: how often it is found, and how the gate answers.
coverage  REPETITIONS records of `profile --processes 6`: how often end_to_end.time.between.ci95 holds
          the median of all processes together.

Takes about an hour on a quiet machine; --quick shows in 2 that it works. Times are only
comparable where nothing else runs.
"""
import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NETWORKS = ["squeezenet-1.1", "mobilenet-v1", "deepspeech"]
GATE = 3


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = tempfile.mkdtemp(prefix="between-processes-")
        self.count = 0

    def run(self, *arguments, statuses=(0,)):
        command = [self.options.ntprof, *arguments, "--quiet"]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if result.returncode not in statuses:
            sys.exit(f"{' '.join(command)}\nended with {result.returncode}: {result.stderr}")
        return result.returncode, result.stdout

    def profile(self, network, processes, *more):
        """A record of a network, and where it is saved."""
        length = [] if processes == 1 else ["--processes", str(processes)]
        if self.options.iterations:
            length += ["--iterations", str(self.options.iterations)]
        _, text = self.run(
            "profile", network, *length, *more, "--counters", "none", "--no-save", "--format", "json")
        self.count += 1
        path = os.path.join(self.folder, f"{self.count}.json")
        with open(path, "w") as file:
            file.write(text)
        return json.loads(text), path

    def diff(self, baseline, candidate):
        status, text = self.run(
            "diff", baseline, candidate, "--gate", str(GATE), "--no-save", "--format", "json",
            statuses=(0, 1, 2))
        document = json.loads(text)
        return document["end_to_end"], document["gate"], status

    def in_turn(self, baseline, candidate, processes):
        """Both measured now, in turn."""
        length = ["--iterations", str(self.options.iterations)] if self.options.iterations else []
        length += ["--processes", str(processes)] if processes else []
        status, text = self.run(
            "diff", *baseline, *candidate, *length, "--counters", "none", "--gate", str(GATE),
            "--no-save", "--format", "json", statuses=(0, 1, 2))
        document = json.loads(text)
        return document["end_to_end"], document["gate"], status, document["processes"]


def name(network):
    return os.path.splitext(os.path.basename(network))[0]


def same(bench, processes):
    """A network against itself: verdicts and gates over all ordered pairs."""
    print(f"\n{bench.options.records} records of {processes} process(es) each, all ordered pairs, "
          f"--gate {GATE}", flush=True)
    good = True
    for network in bench.options.networks:
        records = [bench.profile(network, processes) for _ in range(bench.options.records)]
        medians = [record["end_to_end"]["time"]["median"] for record, _ in records]
        called, answers = 0, {0: 0, 1: 0, 2: 0}
        for (_, first), (_, second) in itertools.permutations(records, 2):
            whole, _, status = bench.diff(first, second)
            called += whole["verdict"] in ("faster", "slower")
            answers[status] += 1
        pairs = len(records) * (len(records) - 1)
        spread = (max(medians) / min(medians) - 1) * 100
        good &= called <= 0.05 * pairs and answers[1] == 0
        print(f"  {name(network):16} {called} of {pairs} faster or slower ({100 * called / pairs:.1f} %); "
              f"gate: {answers[0]} within, {answers[1]} beyond, {answers[2]} cannot tell; "
              f"medians differ by {spread:.1f} %", flush=True)
    return good


def words(processes):
    return f"--processes {processes}, " if processes else ""


def turns(bench, processes):
    """A network against itself, by the recipe for CI."""
    print(f"\na network against itself, {words(processes)}--gate {GATE}", flush=True)
    good = True
    for network in bench.options.networks:
        called, answers, counts = 0, {0: 0, 1: 0, 2: 0}, []
        for _ in range(bench.options.repetitions):
            whole, _, status, count = bench.in_turn([network], [network], processes)
            counts.append(count)
            called += whole["verdict"] in ("faster", "slower")
            answers[status] += 1
        good &= called <= 0.1 * bench.options.repetitions and answers[1] == 0
        print(f"  {name(network):16} {called} of {bench.options.repetitions} faster or slower; "
              f"gate: {answers[0]} within, {answers[1]} beyond, {answers[2]} cannot tell; "
              f"{min(counts)} to {max(counts)} processes a side", flush=True)
    return good


def change(bench, processes):
    """A true change, by the recipe for CI."""
    network = os.path.join(ROOT, "topologies", "deepspeech.xml")
    print(f"\na true change of 5 % (deepspeech, hidden 1952 → 2000), {words(processes)}"
          f"--gate {GATE}", flush=True)
    found, answers, percents = 0, {0: 0, 1: 0, 2: 0}, []
    for _ in range(bench.options.repetitions):
        whole, gate, status, count = bench.in_turn(
            [network + ":hidden=1952"], [network + ":hidden=2000"], processes)
        found += whole["verdict"] == "slower"
        answers[status] += 1
        percents.append(whole["percent"])
        low, high = whole.get("ci95", [float("nan")] * 2)
        print(f"  {whole['percent']:+.1f} % [{low:+.1f}, {high:+.1f}] {whole['verdict']}, "
              f"gate {gate['result']}; {count} processes a side", flush=True)
    print(f"  found {found} of {bench.options.repetitions}; gate: {answers[0]} within, "
          f"{answers[1]} beyond, {answers[2]} cannot tell; median of the differences "
          f"{statistics.median(percents):+.1f} %", flush=True)
    return found == bench.options.repetitions


def coverage(bench, processes):
    """How often the interval between processes holds the median of all of them."""
    print(f"\n{bench.options.repetitions} records of {processes} processes each: how often the "
          "interval between them holds the median of all", flush=True)
    held = total = 0
    for network in bench.options.networks:
        times = [bench.profile(network, processes)[0]["end_to_end"]["time"]
                 for _ in range(bench.options.repetitions)]
        grand = statistics.median(sample for time in times for sample in time["samples"])
        inside = sum(low <= grand <= high for low, high in (t["between"]["ci95"] for t in times))
        width = statistics.median(
            (t["between"]["ci95"][1] - t["between"]["ci95"][0]) / 2 / t["median"] for t in times)
        spread = statistics.median(t["between"]["stddev"] / t["median"] for t in times)
        held += inside
        total += len(times)
        print(f"  {name(network):16} {inside} of {len(times)}; grand median {grand / 1e6:.3f} ms, "
              f"typical interval ±{100 * width:.1f} %, spread between processes {100 * spread:.1f} %",
              flush=True)
    print(f"  together {held} of {total} ({100 * held / total:.0f} %)", flush=True)
    return held >= 0.9 * total


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ntprof", default=os.path.join(ROOT, ".build", "release", "ntprof"))
    parser.add_argument("--only", default="singles,same,turns,change,coverage")
    parser.add_argument("--networks", nargs="+", default=[
        os.path.join(ROOT, "topologies", f"{network}.xml") for network in NETWORKS])
    parser.add_argument("--records", type=int, default=8)
    parser.add_argument("--repetitions", type=int, default=10)
    parser.add_argument(
        "--processes", type=int, help="of each side in turns and change (default: what the gate takes)")
    parser.add_argument("--quick", action="store_true", help="few records of few passes: a trial")
    options = parser.parse_args()
    options.iterations = 3 if options.quick else None
    if options.quick:
        options.records, options.repetitions = 2, 1
    bench = Bench(options)
    begin = time.time()
    processes = 4 if options.quick else 10
    in_turn = options.processes or (4 if options.quick else None)
    experiments = {
        "singles": lambda: same(bench, 1), "same": lambda: same(bench, processes),
        "turns": lambda: turns(bench, in_turn),
        "change": lambda: change(bench, in_turn),
        "coverage": lambda: coverage(bench, 2 if options.quick else 6),
    }
    good = True
    for experiment in options.only.split(","):
        good &= experiments[experiment]()
    print(f"\n{(time.time() - begin) / 60:.0f} min; records in {bench.folder}")
    if not options.quick:
        sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
