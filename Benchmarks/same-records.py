#!/usr/bin/env python3
"""Whether two builds of ntprof make the same records of ten networks, but for times: see README.md.

Each build profiles each network; then every field of the two records is compared. A field is one of
  exact     of the same value: what ran, with which numbers and formats, and what it gave;
  measured  there in both, of any value: times, and what is divided by a time;
  judged    what is said of times, and may be there or not: bounds, hindrances, warnings of noise.
Ends with 1 where an exact field differs, or a field is in one record alone.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What is asked of each; together they ask for f32 and int8, both states of caches, a capped instruction set, and counters.
NETWORKS = [
    ("squeezenet-1.1", []),
    ("mobilenet-v2", ["--precision", "int8"]),
    ("mobilenet-v3-large", ["--cache", "cold"]),
    ("shufflenet-v1", ["--no-fusion"]),
    ("resnet18", ["--isa", "avx2"]),
    ("deepspeech", ["--layers", "@rnn"]),
    ("ptb-lstm", ["--set", "hidden=256"]),
    ("transformer-base", ["--counters", "software"]),
    ("dlrm", ["--batch", "4"]),
    ("seq2seq-gru", ["--exact", "--seed", "3"]),
]

MEASURED = [
    r"created", r"command\[\d+\]", r"peak_memory_bytes", r"predicted_memory_bytes", r"overhead\..*",
    r"end_to_end\.(first_inference_ns|planning_ns|throughput_per_second)", r".*\.share",
    r".*\.time\.(ci95|samples)\[\d+\]", r".*\.time\.(mean|median|min|p90|p99|stddev)",
    r".*\.counters\.events\.[^.]*\.value", r".*\.counters\.threads\[\d+\]\..*",
    r".*\.metrics\.(gflops_per_second|gigabytes_per_second|peak_fraction|roof_fraction)",
]
JUDGED = [
    r"conditions", r"end_to_end\.(disturbance|dropped_pairs|process_spread|stability|advice)", r"advice",
    r"machine\.rooflines", r".*\.hindrances", r".*\.bound",
    # Nothing spreads where nothing, or the same, was counted in every pass.
    r".*\.counters\.events\.[^.]*\.spread",
    r".*\.metrics\.(counted_inflation|thread_imbalance|waiting_threads|cpus_used|.*_fraction|.*_per_.*)",
]
# Warnings that times, or what else ran, bring about.
OF_TIMES = {
    "counter-drift", "disturbed", "drift", "interval-too-wide", "no-quiet-machine", "no-steady-memory", "noisy-machine",
    "roof-raised", "suspect-calibration", "suspect-roof", "thermal-throttling", "threads-moved", "throttled",
    "timing-overhead", "uneven-passes", "waiting-threads",
}


def matches(patterns, path):
    return any(re.fullmatch(pattern, path) for pattern in patterns)


def compare(path, old, new, found):
    """Adds to `found` what differs, and counts the fields by kind."""
    if matches(JUDGED, path):
        found["judged"] += 1
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            inner = f"{path}.{key}" if path else key
            if key in old and key in new:
                compare(inner, old[key], new[key], found)
            elif not matches(JUDGED, inner):
                found["differences"].append(f"{inner}: in the {'old' if key in old else 'new'} record alone")
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            found["differences"].append(f"{path}: {len(old)} elements became {len(new)}")
        for index, pair in enumerate(zip(old, new)):
            compare(f"{path}[{index}]", *pair, found)
    elif matches(MEASURED, path):
        found["measured"] += 1
    else:
        found["exact"] += 1
        if old != new:
            found["differences"].append(f"{path}: {old!r} became {new!r}")


def record(ntprof, name, arguments, environment):
    topology = str(ROOT / "topologies" / f"{name}.xml")
    command = [ntprof, "profile", topology, "--iterations", "6", "--warmup", "2", "--tuning", "fast", "--no-save",
               "--quiet", "--format", "json"] + arguments
    answer = subprocess.run(command, capture_output=True, text=True, env=environment)
    if answer.returncode:
        return {"refused": [answer.returncode, answer.stderr]}
    made = json.loads(answer.stdout)
    made["warnings"] = [warning for warning in made.get("warnings", []) if warning["code"] not in OF_TIMES]
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", help="the program before")
    parser.add_argument("new", help="the program after")
    parser.add_argument("networks", nargs="*", help="some of the ten (default: all)")
    options = parser.parse_args()
    chosen = [row for row in NETWORKS if not options.networks or row[0] in options.networks]
    if len(chosen) < len(set(options.networks)):
        sys.exit(f"the networks are {', '.join(name for name, _ in NETWORKS)}")
    programs = [str(pathlib.Path(path).resolve()) for path in (options.old, options.new)]
    differs = False
    with tempfile.TemporaryDirectory() as cache:
        # Both see the same roofs, and nothing that earlier runs remembered.
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        for name, arguments in chosen:
            records = [record(program, name, arguments, environment) for program in programs]
            found = {"exact": 0, "measured": 0, "judged": 0, "differences": []}
            compare("", *records, found)
            kinds = "  ".join(f"{found[kind]:5} {kind}" for kind in ("exact", "measured", "judged"))
            refused = "  (refused)" if "refused" in records[0] else ""
            print(f"{name:20} {kinds}  {len(found['differences'])} differ{refused}", flush=True)
            for difference in found["differences"][:20]:
                print(f"  {difference}")
            differs = differs or bool(found["differences"])
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
