#!/usr/bin/env python3
"""Whether a model is profiled as fast as the topology that it was exported from.

    Benchmarks/model-against-xml.py [--ntprof PATH] [--networks A B C] [--models A.onnx B.xml]
                                    [--rounds 9] [--time 1.5] [--threads N] [--limit 1.02] [--json FILE]

Each network is exported as ONNX with the weights of its seed; each model, ONNX or OpenVINO's IR, is imported as a
topology with its weights beside it. Then fresh processes of `profile` take turns,
topology and model, in the other order every round; a round's ratio is the model's median pass over the
topology's. Printed are the median of the ratios with a 95 % interval (order statistics of the rounds, or
their range where there are too few for one), and the range. A line ends with `slower` where even the
interval's lower end is above --limit, with `unclear` where only its upper end is; the status is 1 for any
`slower`. Both plans are compared, too: layers, implementations and output digest must be the same, or the
times are of different work, and the status is 2.

Times are only comparable where nothing else runs.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import rounds as turns

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NETWORKS = ["resnet50", "mobilenet-v2", "deepspeech"]


def run(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(command)}\nended with {result.returncode}: {result.stderr}")
    return result.stdout


def profile(options, arguments):
    command = [
        options.ntprof, "profile", *arguments, "--tuning", "fast", "--counters", "none", "--no-save",
        "--quiet", "--format", "json", "--time", str(options.time), "--seed", "1"]
    if options.threads:
        command += ["--threads", str(options.threads)]
    return json.loads(run(command))


def work(record):
    """What a run did: the same for both, or their times say nothing of each other."""
    return {
        "layers": [(layer["name"], layer["kind"], layer.get("macs")) for layer in record["layers"]],
        "implementations": [
            primitive["implementation"] for layer in record["layers"]
            for primitive in layer["primitives"]],
        "digest": record["end_to_end"].get("output_digest"),
    }


def pairs(options, folder):
    """The name, and what `profile` is given for the topology and for the model."""
    def stem(path):
        return os.path.splitext(os.path.basename(path))[0]

    networks = NETWORKS if options.networks is None and not options.models else options.networks or []
    for network in networks:
        topology = network if os.path.exists(network) else os.path.join(
            ROOT, "topologies", f"{network}.xml")
        model = os.path.join(folder, f"{stem(topology)}.onnx")
        run([options.ntprof, "export", topology, "-o", model, "--seed", "1"])
        yield stem(topology), [topology], [model]
    for number, model in enumerate(options.models):
        base = os.path.join(folder, f"{number}-{stem(model)}")
        run([options.ntprof, "import", model, "--weights", "keep", "-o", f"{base}.xml"])
        yield stem(model), [f"{base}.xml", "--weights", f"{base}.safetensors"], [model]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ntprof", default=os.path.join(ROOT, ".build/release/ntprof"))
    parser.add_argument("--networks", nargs="*", help="default: " + " ".join(NETWORKS))
    parser.add_argument("--models", nargs="*", default=[], help="files that other programs wrote")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--time", type=float, default=1.5, help="seconds of measuring a process")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--limit", type=float, default=1.02)
    parser.add_argument("--json", help="file for every round's medians")
    options = parser.parse_args()
    results, status = [], 0
    with tempfile.TemporaryDirectory(prefix="model-against-xml-") as folder:
        for name, topology, model in pairs(options, folder):
            rounds = []
            for number in range(options.rounds):
                order = [("xml", topology), ("model", model)]
                records = {
                    side: profile(options, arguments)
                    for side, arguments in (order if number % 2 == 0 else reversed(order))}
                if number == 0:
                    sides = [work(records["xml"]), work(records["model"])]
                    for what, value in sides[0].items():
                        if value != sides[1][what]:
                            print(f"{name}: the {what} of model and topology differ")
                            status = 2
                rounds.append({
                    side: record["end_to_end"]["time"]["median"]
                    for side, record in records.items()})
            ratios = [one["model"] / one["xml"] for one in rounds]
            middle, (low, high) = statistics.median(ratios), turns.interval(ratios)
            verdict = "slower" if low > options.limit else "unclear" if high > options.limit else "ok"
            if verdict == "slower":
                status = max(status, 1)
            print(
                f"{name:16} xml {statistics.median(r['xml'] for r in rounds) / 1e6:9.3f} ms   "
                f"model/xml {turns.spread(ratios)}   {verdict}",
                flush=True)
            results.append({"network": name, "rounds": rounds, "ratio": middle,
                            "interval": [low, high], "verdict": verdict})
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"limit": options.limit, "networks": results}, file, indent=1)
    sys.exit(status)


if __name__ == "__main__":
    main()
