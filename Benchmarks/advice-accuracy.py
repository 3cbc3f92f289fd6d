#!/usr/bin/env python3
"""How often the first thing that "Look first at" says to try is among the three best measured candidates.

For each network: `ntprof profile` for what the record says first, `ntprof advise` for what helps. A suggestion
counts as the kinds of change that it names (bf16 or int8: precision; a larger batch: batch; `--tuning search`: tuning;
threads; fusion; a smaller or another layer: param). It is right where a candidate of such a kind is among the three
that gained most, each by more than --least percent in the final or, without one, in the race; where nothing
gained, only saying nothing is right. Suggestions that name no kind that is tried are counted apart.
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ntprof", default=str(ROOT / ".build/release/ntprof"))
    parser.add_argument("--networks", default="deepspeech,unet-256,mobilenet-v2,bert-base,resnet50,squeezenet-1.1")
    parser.add_argument("--time", type=float, default=60, help="seconds of each advise")
    parser.add_argument("--least", type=float, default=3, help="percent that a candidate must gain")
    parser.add_argument("--objective", default="latency", choices=["latency", "throughput"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", help="a file for all that was measured")
    options = parser.parse_args()
    right, asked, silent, found = 0, 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        # Roofs are taken over; advice and searches are not, so that every sentence is the record's own.
        environment = dict(os.environ, XDG_CACHE_HOME=folder)
        known = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "ntprof"
        target = pathlib.Path(folder) / "ntprof"
        target.mkdir()
        for file in known.glob("roofs-*"):
            (target / file.name).write_bytes(file.read_bytes())
        for name in options.networks.split(","):
            threads = ["--threads", str(options.threads)]
            try:
                sentence = first_finding(options.ntprof, name, threads, environment)
                advice = json.loads(run(
                    [options.ntprof, "advise", name, "--time", str(options.time), "--objective", options.objective,
                     "--no-save", "--quiet", "--format", "json"] + threads, env=environment))
            except RuntimeError as error:
                print(f"{name}: {error}; left out", file=sys.stderr)
                continue
            kinds, winners = suggested(sentence), best(advice, options.least)
            isRight = bool(kinds & {kind for _, kind, _ in winners}) if winners else not kinds
            if kinds or not winners:
                asked += 1
                right += isRight
            else:
                silent += 1
            found.append({"network": name, "sentence": sentence, "kinds": sorted(kinds), "best": winners,
                          "right": isRight})
            shown = ", ".join(f"{change} {percent:.1f} %" for percent, _, change in winners) or "nothing gains"
            print(f"{name}: {'right' if isRight else 'wrong'}: says {', '.join(sorted(kinds)) or 'nothing tried'}; "
                  f"best: {shown}", flush=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(found, indent=1) + "\n")
    if not found:
        return 1
    print(f"the first suggestion is among the three best in {right} of {asked} networks"
          + (f"; {silent} say nothing that is tried" if silent else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
