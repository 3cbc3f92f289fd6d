#!/usr/bin/env python3
"""Compares ntprof's figure of each engine with that of the engine's own tool; see README.md.

Fresh processes take turns, ntprof and the tool, the tool and ntprof: each gives the median of its passes. With
--json what is measured is kept there and not measured again, so that a long list can be measured in pieces (--seconds).
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import networks
import numpy
import onnx
import onnx.numpy_helper

ENGINES = ["onnxruntime", "openvino", "pytorch"]
TOOLS = {
    "onnxruntime": "session.run_with_iobinding in timeit",
    "openvino": "benchmark_app",
    "pytorch": "torch.utils.benchmark",
}

# What a user of the engine writes by hand. Arguments: folder, threads, seconds, inputs.
ONNXRUNTIME = """
import sys, time, timeit, statistics, numpy, onnxruntime
folder, threads, seconds, inputs = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4].split(",")
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
options.add_session_config_entry("session.set_denormal_as_zero", "1")
session = onnxruntime.InferenceSession(folder + "/model.onnx", options, providers=["CPUExecutionProvider"])
binding = session.io_binding()
for number, name in enumerate(inputs):
    binding.bind_cpu_input(name, numpy.load(f"{folder}/{number}.npy"))
for output in session.get_outputs():
    binding.bind_ortvalue_output(
        output.name, onnxruntime.OrtValue.ortvalue_from_shape_and_type(output.shape, numpy.float32))
end = time.monotonic() + 0.3
while time.monotonic() < end:
    session.run_with_iobinding(binding)
timer, times, end = timeit.Timer(lambda: session.run_with_iobinding(binding)), [], time.monotonic() + seconds
while len(times) < 5 or time.monotonic() < end:
    times.append(timer.timeit(1))
print(statistics.median(times) * 1e9)
"""

PYTORCH = """
import sys, numpy, torch, torch.utils.benchmark
folder, threads, seconds, inputs = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4].split(",")
torch.set_flush_denormal(True)
torch.set_num_threads(threads)
names = {"__name__": "module"}
exec(open(folder + "/module.py").read(), names)
model = names["Model"]()
names["load_weights"](model, folder + "/module.safetensors")
model.eval()
inputs = [torch.from_numpy(numpy.load(f"{folder}/{number}.npy")) for number in range(len(inputs))]
with torch.inference_mode():
    timer = torch.utils.benchmark.Timer(
        "model(*inputs)", globals={"model": model, "inputs": inputs}, num_threads=threads)
    timer.blocked_autorange(min_run_time=0.3)
    print(timer.blocked_autorange(min_run_time=seconds).median * 1e9)
"""


def main() -> int:
    options = arguments()
    kept = pathlib.Path(options.json) if options.json else None
    results = json.loads(kept.read_text()) if kept and kept.exists() else {}
    begin, missing = time.monotonic(), 0
    for network in networks.find(options.networks):
        wanted = [
            (engine, threads) for threads in options.threads for engine in options.engines
            if f"{network.name} {engine} {threads}" not in results]
        if not wanted or time.monotonic() - begin > options.seconds:
            missing += len(wanted)
            continue
        with tempfile.TemporaryDirectory(prefix="ntprof-tools-", dir=options.folder) as folder:
            inputs = export(network, folder, options)
            for engine, threads in wanted:
                if time.monotonic() - begin > options.seconds:
                    missing += 1
                    continue
                results[f"{network.name} {engine} {threads}"] = turns(
                    network, engine, threads, folder, inputs, options)
                if kept:
                    kept.write_text(json.dumps(results, indent=1) + "\n")
    print(table(results))
    if missing:
        print(f"{missing} are still to be measured: run it again")
    return 0


def turns(network, engine: str, threads: int, folder: str, inputs: list[str], options) -> dict:
    """The medians of processes that took turns, in ns."""
    figures = {"ntprof": [], "tool": []}
    for number in range(options.rounds):
        for side in ["ntprof", "tool"] if number % 2 == 0 else ["tool", "ntprof"]:
            if side == "ntprof":
                figures[side].append(ours(network, engine, threads, options))
            else:
                figures[side].append(theirs(engine, threads, folder, inputs, options))
    note(f"{network.name}, {engine}, {threads}: {line(figures)}")
    return figures


def ours(network, engine: str, threads: int, options) -> float:
    output = run([
        options.ntprof, "profile", *network.options, "--engine", engine, "--engine-python", sys.executable,
        "--threads", str(threads), "--counters", "none",
        # Bare and timed passes take turns: twice the time for as many bare ones.
        "--time", str(2 * options.time), "--format", "json", "--no-save", "--quiet"])
    return json.loads(output)["end_to_end"]["time"]["median"]


def theirs(engine: str, threads: int, folder: str, inputs: list[str], options) -> float:
    arguments = [folder, str(threads), str(options.time), ",".join(inputs)]
    if engine == "onnxruntime":
        return float(run([sys.executable, "-c", ONNXRUNTIME, *arguments]))
    if engine == "pytorch":
        return float(run([sys.executable, "-c", PYTORCH, *arguments]))
    tool = pathlib.Path(sys.executable).parent / "benchmark_app"
    files = ",".join(f"{name}:{folder}/{number}.npy" for number, name in enumerate(inputs))
    output = run([
        str(tool), "-m", f"{folder}/model.onnx", "-d", "CPU", "-hint", "none", "-nstreams", "1", "-nthreads",
        str(threads), "-infer_precision", "f32", "-ip", "f32", "-api", "sync",
        "-t", str(max(1, round(options.time))), "-i", files])
    return float(re.search(r"Median:\s+([0-9.]+) ms", output).group(1)) * 1e6


def export(network, folder: str, options) -> list[str]:
    """Writes the network for all engines, and its inputs as N.npy; the names of the inputs."""
    command = [options.ntprof, "export", *network.options, "--quiet"]
    run(command + ["--file", f"{folder}/model.onnx", "--test-data", folder])
    run(command + ["--file", f"{folder}/module.py", "--format", "pytorch"])
    model = onnx.load(f"{folder}/model.onnx", load_external_data=False)
    names = [value.name for value in model.graph.input]
    for number in range(len(names)):
        message = onnx.TensorProto()
        message.ParseFromString(pathlib.Path(folder, f"input_{number}.pb").read_bytes())
        data = onnx.numpy_helper.to_array(message)
        if data.dtype != numpy.float32:
            raise SystemExit(f"{network.name}: input '{names[number]}' is {data.dtype}, not f32")
        numpy.save(f"{folder}/{number}.npy", data)
    return names


def ratio(figures: dict) -> float:
    return statistics.median(figures["ntprof"]) / statistics.median(figures["tool"])


def line(figures: dict) -> str:
    ours, tool = figures["ntprof"], figures["tool"]
    return (f"{statistics.median(ours) / 1e6:.2f} / {statistics.median(tool) / 1e6:.2f} ms, "
            f"{100 * (ratio(figures) - 1):+.1f} %")


def table(results: dict) -> str:
    rows = [["network", "engine", "threads", "ntprof ms", "tool ms", "median %", "least %", "tool's range %", "tool"]]
    for key, figures in results.items():
        name, engine, threads = key.split(" ")
        ours, tool = figures["ntprof"], figures["tool"]
        rows.append([
            name, engine, threads, f"{statistics.median(ours) / 1e6:.2f}", f"{statistics.median(tool) / 1e6:.2f}",
            f"{100 * (ratio(figures) - 1):+.1f}", f"{100 * (min(ours) / min(tool) - 1):+.1f}",
            f"{100 * (max(tool) / min(tool) - 1):.1f}", TOOLS[engine]])
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    if results:
        every = [abs(ratio(figures) - 1) for figures in results.values()]
        lines.append(f"within 3 %: {sum(one <= 0.03 for one in every)} of {len(every)}; worst {100 * max(every):.1f} %")
    return "\n".join(lines)


def run(command: list[str]) -> str:
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command[:3])[:200]} …: {(result.stderr or result.stdout).strip()[-1000:]}")
    return result.stdout


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ntprof", default=str(networks.ROOT / ".build/release/ntprof"))
    parser.add_argument("--networks", nargs="*", default=["mobilenet-v2", "resnet50", "deepspeech", "bert-base"])
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=ENGINES)
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=4, help="processes of each side")
    parser.add_argument("--time", type=float, default=1, help="seconds of bare passes in a process")
    parser.add_argument("--seconds", type=float, default=1e9, help="seconds of measuring in all")
    parser.add_argument("--folder", help="where models are written for the time being")
    parser.add_argument("--json", help="keep all figures there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
