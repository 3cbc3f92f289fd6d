#!/usr/bin/env python3
"""How often the first thing that "Look first at" says to try is among the three best measured candidates.

For each network: `ntprof profile` for what the record says first, `ntprof advise` for what helps. A suggestion
counts as the kinds of change that it names (bf16 or int8: precision; a larger batch: batch; `--tuning search`: tuning;
threads; fusion; a smaller or another layer: param). It is right where a candidate of such a kind is among the three
that gained most, each by more than --least percent in the final or, without one, in the race; where nothing
gained, only saying nothing is right. A suggestion that names no kind that is tried says nothing, and where
something gained that is wrong: all networks are in the denominator.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import caches
import networks

KINDS = [
    ("precision", r"\bbf16\b|\bint8\b|\bprecision\b"),
    ("batch", r"larger batch"),
    ("tuning", r"--tuning search"),
    ("threads", r"\bthreads\b"),
    ("fusion", r"\bfusion\b"),
    ("param", r"smaller hidden|fewer (units|filters|heads)|another shape|channels in multiples|filters, which|"
              r"smaller (layer|output|table)|up to \d+ channels"),
]


def run(command, **more):
    answer = subprocess.run(command, capture_output=True, text=True, **more)
    if answer.returncode:
        raise RuntimeError(f"{' '.join(command)}: {answer.stderr.strip()}")
    return answer.stdout


def first_finding(ntprof, topology, arguments, environment):
    """The first sentence under "Look first at", of a profile that nothing was measured for before."""
    text = run([ntprof, "profile", topology, "--counters", "none", "--no-save", "--quiet", "--format", "markdown"]
               + arguments, env=environment)
    sentences = [line[2:] for line in text.splitlines() if line.startswith("- ") and not line.startswith("- tuning ")]
    return next((sentence for sentence in sentences if "try " in sentence), "")


def suggested(sentence):
    part = sentence[sentence.rfind("try "):] if "try " in sentence else ""
    return {kind for kind, words in KINDS if re.search(words, part)}


def best(advice, least):
    """The kinds of the three candidates that gained most."""
    gains = []
    for row in advice["rows"]:
        if row["kind"] == "combination" or row["state"] in ("inaccurate", "failed"):
            continue
        percent = row.get("difference", {}).get("percent", row.get("race_percent"))
        if percent is not None and percent < -least:
            gains.append((percent, row["kind"], row["change"]))
    return sorted(gains)[:3]


def names(text):
    """The networks of a list; all that are bundled by that word."""
    if text == "bundled":
        return sorted(path.stem for path in (networks.ROOT / "topologies").glob("*.xml"))
    return text.split(",")


def measure(name, home, options):
    """What the record says first of a network, what advise measured, and whether they agree."""
    threads = ["--threads", str(options.threads)]
    # Roofs are kept; advice and searches are not, so that every sentence is the record's own.
    caches.forget(home)
    environment = caches.environment(home)
    sentence = first_finding(options.ntprof, name, threads, environment)
    advice = json.loads(run(
        [options.ntprof, "advise", name, "--time", str(options.time), "--objective", options.objective,
         "--no-save", "--quiet", "--format", "json"] + threads, env=environment))
    kinds, winners = suggested(sentence), best(advice, options.least)
    return {
        "network": name, "sentence": sentence, "kinds": sorted(kinds), "best": winners,
        "right": bool(kinds & {kind for _, kind, _ in winners}) if winners else not kinds,
    }


def line(found):
    shown = ", ".join(f"{change} {percent:.1f} %" for percent, _, change in found["best"]) or "nothing gains"
    says = ", ".join(found["kinds"]) or "nothing tried"
    return f"{found['network']}: {'right' if found['right'] else 'wrong'}: says {says}; best: {shown}"


def verdict(found):
    """How often it is right, of all networks: one that says nothing where something gains is wrong."""
    right = sum(entry["right"] for entry in found)
    spoken = [entry for entry in found if entry["kinds"]]
    silent = [entry for entry in found if not entry["kinds"] and entry["best"]]
    quiet = len(found) - len(spoken) - len(silent)
    return (
        f"the first suggestion is among the three best in {right} of {len(found)} networks: "
        f"{sum(entry['right'] for entry in spoken)} of {len(spoken)} that suggest something; "
        f"{len(silent)} suggest nothing though something gains, which is wrong, {quiet} where nothing does, which is right")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ntprof", default=str(networks.ROOT / ".build/release/ntprof"))
    parser.add_argument(
        "--networks", default="deepspeech,unet-256,mobilenet-v2,bert-base,resnet50,squeezenet-1.1",
        help="names joined by commas, or 'bundled' for all that are (default: %(default)s)")
    parser.add_argument("--time", type=float, default=60, help="seconds of each advise")
    parser.add_argument("--least", type=float, default=3, help="percent that a candidate must gain")
    parser.add_argument("--objective", default="latency", choices=["latency", "throughput"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--json", type=pathlib.Path,
        help="a file for all that was measured; what it holds of the same options is not measured again")
    parser.add_argument(
        "--seconds", type=float, help="begin no network after that: with --json a long list in pieces")
    options = parser.parse_args()
    begin = time.monotonic()
    how = {
        "time": options.time, "least": options.least, "objective": options.objective,
        "threads": options.threads}
    found = {}
    if options.json and options.json.exists():
        kept = json.loads(options.json.read_text())
        if kept.get("options") != how:
            sys.exit(f"{options.json}: was measured with other options: name another file")
        found = {entry["network"]: entry for entry in kept["networks"]}
    wanted, failed = names(options.networks), []
    with tempfile.TemporaryDirectory(prefix="ntprof-cache-") as home:
        caches.take_roofs(home)
        for name in wanted:
            if name not in found:
                if options.seconds is not None and time.monotonic() - begin > options.seconds:
                    continue
                try:
                    found[name] = measure(name, home, options)
                except RuntimeError as error:
                    print(f"{name}: {error}; left out", file=sys.stderr)
                    failed.append(name)
                    continue
                if options.json:
                    options.json.write_text(
                        json.dumps({"options": how, "networks": list(found.values())}, indent=1) + "\n")
            print(line(found[name]), flush=True)
    measured = [found[name] for name in wanted if name in found]
    missing = len(wanted) - len(measured) - len(failed)
    if missing:
        print(f"{missing} networks are still to be measured: run it again")
    if not measured:
        return 1
    print(verdict(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
