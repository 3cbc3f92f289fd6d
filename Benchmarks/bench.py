#!/usr/bin/env python3
"""Times ntprof, ONNX Runtime and OpenVINO in turns on the same networks; see README.md."""

import argparse
import json
import math
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

import int8
import networks
from engines import EngineError, NTProf, Worker

OTHERS = ["onnxruntime", "openvino"]
OURS = ["ntprof fast", "ntprof auto-first", "ntprof auto", "ntprof search"]


def main() -> int:
    options = arguments()
    results = []
    for network in networks.find(options.networks):
        if not network.path.exists():
            note(f"{network.name}: no {network.path.name} in topologies, left out")
            continue
        for batch in (int(batch) for batch in options.batch.split(",")):
            try:
                result = measure(network, batch, options)
            except EngineError as error:
                note(f"{network.name}, batch {batch}: {error}; left out")
                continue
            results.append(result)
            note(line(result))
    if not results:
        note("nothing was measured")
        return 1
    document = {
        "schema": "ntprof.bench/1",
        "options": {
            "threads": options.threads, "precision": options.precision, "batch": options.batch,
            "rounds": options.rounds, "seconds": options.seconds,
        },
        "machine": machine(),
        "networks": results,
        "geometric_means": means(results),
    }
    text = json.dumps(document, indent=1) + "\n"
    if options.json:
        pathlib.Path(options.json).write_text(text)
    print(table(document))
    slow = [
        f"{result['name']}, batch {result['batch']}, {name}: {ratio['median']:.3f}"
        for result in results for name, ratio in result["ratios"].items()
        if options.limit and ratio["median"] > options.limit
    ]
    for text in slow:
        note(f"above {options.limit}: {text}")
    return 1 if slow else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ntprof", default=str(networks.ROOT / ".build/release/ntprof"))
    parser.add_argument(
        "--networks", nargs="*",
        help="names, topologies, or folders of them (default: the twelve of networks.py)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", default="1", help="batch sizes joined by commas")
    parser.add_argument(
        "--precision", choices=["f32", "bf16", "int8"], default="f32",
        help="bf16: ntprof and OpenVINO; ONNX Runtime stays in f32, the best it has on x86. int8: all of "
             "one model, quantised by ONNX Runtime's tools")
    parser.add_argument(
        "--int8-folder", type=pathlib.Path, default=networks.ROOT / ".build-benchmarks/int8",
        help="where quantised models are kept (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=6, help="turns of every engine")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a turn")
    parser.add_argument("--passes", type=int, default=5, help="passes of a turn, at least")
    parser.add_argument(
        "--engines", default=",".join(OURS + OTHERS), help="who takes part, joined by commas")
    parser.add_argument("--json", help="file for all the numbers")
    parser.add_argument(
        "--limit", type=float,
        help="end with status 1 where ntprof takes more than so many times the best other one")
    return parser.parse_args()


def measure(network: networks.Network, batch: int, options: argparse.Namespace) -> dict:
    """Rounds of turns, there and back: A B C D, D C B A."""
    with tempfile.TemporaryDirectory(prefix="ntprof-bench-") as folder:
        if options.precision == "int8":
            model = int8.model(network, batch, options.int8_folder, options.ntprof, options.threads)
        else:
            model = pathlib.Path(folder) / "model.onnx"
            export(network, batch, model, options)
        engines = []
        try:
            for name in options.engines.split(","):
                engines.append(start(name, network, batch, model, options))
            for engine in engines:
                engine.prepare(options.seconds)
            turns = {engine.name: [] for engine in engines}
            for number in range(options.rounds):
                for engine in engines if number % 2 == 0 else reversed(engines):
                    turns[engine.name].append(engine.turn(options.seconds, options.passes))
        finally:
            for engine in engines:
                engine.close()
        return summary(network, batch, engines, turns)


def export(
    network: networks.Network, batch: int, model: pathlib.Path, options: argparse.Namespace,
) -> None:
    """The model, and beside it the inputs that ntprof gives the network."""
    command = [
        options.ntprof, "export", *network.options, "--batch", str(batch), "--file", str(model),
        "--test-data", str(model.parent), "--threads", str(options.threads), "--quiet",
    ]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise EngineError(result.stderr.strip())


def start(
    name: str, network: networks.Network, batch: int, model: pathlib.Path,
    options: argparse.Namespace,
):
    if name in OTHERS:
        return Worker(name, model, options.threads, options.precision)
    if name in OURS:
        # The quantised model is of one batch size; in floats ntprof reads its own topology.
        what = (
            [str(model)] if options.precision == "int8"
            else [*network.options, "--batch", str(batch)])
        return NTProf(options.ntprof, name.split()[1], what, options.threads, options.precision)
    raise EngineError(f"no engine '{name}'; there are {', '.join(OURS + OTHERS)}")


def summary(network: networks.Network, batch: int, engines: list, turns: dict) -> dict:
    """Medians of every turn, and for every round the ratio of ours to the best other one."""
    medians = {
        name: [statistics.median(turn.samples) for turn in list_] for name, list_ in turns.items()
    }
    rivals = [name for name in OTHERS if name in medians]
    ratios = {}
    for name in (name for name in OURS if name in medians):
        if rivals:
            rounds = [
                own / min(medians[rival][number] for rival in rivals)
                for number, own in enumerate(medians[name])
            ]
            ratios[name] = {
                "rounds": rounds, "median": statistics.median(rounds), "min": min(rounds),
                "max": max(rounds),
            }
    return {
        "name": network.name, "topology": network.topology, "params": list(network.params),
        "batch": batch,
        "engines": {
            engine.name: {
                **engine.facts, "round_medians_ns": medians[engine.name],
                "passes": [len(turn.samples) for turn in turns[engine.name]],
                "others_cpu": [round(turn.others, 3) for turn in turns[engine.name]],
                "median_ns": statistics.median(medians[engine.name]),
            }
            for engine in engines
        },
        "ratios": ratios,
    }


def means(results: list[dict]) -> dict:
    """Geometric mean of the networks' ratios, and the range when each takes its worst or best."""
    answer = {}
    for name in OURS:
        ratios = [result["ratios"][name] for result in results if name in result["ratios"]]
        if ratios:
            answer[name] = {
                "networks": len(ratios),
                **{key: geometric(ratio[key] for ratio in ratios)
                   for key in ("median", "min", "max")},
            }
    return answer


def geometric(values) -> float:
    logarithms = [math.log(value) for value in values]
    return math.exp(sum(logarithms) / len(logarithms))


def machine() -> dict:
    model = "unknown"
    for text in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if text.startswith("model name"):
            model = text.split(":", 1)[1].strip()
            break
    return {"cpu": model, "kernel": platform.release(), "python": platform.python_version()}


def line(result: dict) -> str:
    parts = [
        f"{name} {facts['median_ns'] / 1e6:.2f} ms" for name, facts in result["engines"].items()]
    return f"{result['name']}, batch {result['batch']}: {', '.join(parts)}"


def table(document: dict) -> str:
    """The networks as rows; medians in ms, ratios as median and range over the rounds."""
    names = list(document["networks"][0]["engines"])
    ours = [name for name in OURS if name in names]
    rows = [["network", "batch"] + names + [f"{name} / best" for name in ours]]
    for result in document["networks"]:
        row = [result["name"], str(result["batch"])]
        row += [f"{result['engines'][name]['median_ns'] / 1e6:.2f}" for name in names]
        row += [ratio_text(result["ratios"].get(name)) for name in ours]
        rows.append(row)
    mean = document["geometric_means"]
    rows.append(
        ["geometric mean", ""] + [""] * len(names) + [ratio_text(mean.get(name)) for name in ours])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))).rstrip()
        for row in rows
    ]
    options = document["options"]
    lines.insert(0, (
        f"median ms, {options['precision']}, {options['threads']} "
        f"thread(s), {options['rounds']} rounds; {document['machine']['cpu']}"))
    disturbed = [
        result["name"] for result in document["networks"]
        if any(max(facts["others_cpu"]) > 0.1 for facts in result["engines"].values())
    ]
    if disturbed:
        lines.append(
            "! other processes took more than a tenth of a CPU during turns of: "
            + ", ".join(disturbed))
    return "\n".join(lines)


def ratio_text(ratio: dict | None) -> str:
    if ratio is None:
        return "-"
    return f"{ratio['median']:.3f} ({ratio['min']:.3f}..{ratio['max']:.3f})"


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
