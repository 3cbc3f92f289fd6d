#!/usr/bin/env python3
"""Compares ntprof's outputs with ONNX Runtime's on the exported models; see README.md."""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import agreement
import networks
import numpy
import onnx
import onnx.checker
import onnx.numpy_helper
import onnxruntime


def main() -> int:
    options = arguments()
    chosen = networks.find(options.networks) if options.networks else networks.bundled()
    print(f"{'network':<20} {'outputs':>7} {'relative':>9}  {'worst output':<20} verdict")
    worst = 0
    for network in chosen:
        with tempfile.TemporaryDirectory(prefix="ntprof-compare-") as folder:
            try:
                differences = compare(network, pathlib.Path(folder), options)
            except agreement.Refused as reason:
                print(f"{network.name:<20} {reason}", flush=True)
                worst = max(worst, reason.severity)
                continue
        name, largest = max(differences.items(), key=lambda item: item[1])
        verdict = "same" if largest <= options.tolerance else "DIFFERENT"
        worst = max(worst, 0 if verdict == "same" else 1)
        print(
            f"{network.name:<20} {len(differences):>7} {largest:>9.2e}  {name:<20} {verdict}",
            flush=True)
    return worst


def arguments() -> argparse.Namespace:
    parser = agreement.parser(__doc__)
    parser.add_argument("--tuning", choices=["fast", "auto", "search"], default="fast")
    parser.add_argument("--no-fusion", action="store_true")
    return parser.parse_args()


def compare(network, folder: pathlib.Path, options) -> dict[str, float]:
    """For each output the largest difference of an element, as a share of the output's largest
    magnitude."""
    model = folder / "model.onnx"
    export(network, model, folder, options)
    try:
        onnx.checker.check_model(str(model), full_check=True)
    except Exception as error:
        raise agreement.Refused(f"ONNX's checker: {error}", 1) from error
    settings = onnxruntime.SessionOptions()
    # As written, operator by operator: the engine's own fusions are not the oracle.
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(str(model), settings, providers=["CPUExecutionProvider"])
    inputs = {
        value.name: tensor(folder / f"input_{index}.pb")
        for index, value in enumerate(session.get_inputs())
    }
    differences = {}
    names = [value.name for value in session.get_outputs()]
    for index, (name, reference) in enumerate(zip(names, session.run(None, inputs))):
        ours = tensor(folder / f"output_{index}.pb")
        differences[name] = agreement.difference(name, ours, reference)
    return differences


def export(network, model: pathlib.Path, folder: pathlib.Path, options) -> None:
    command = [
        options.ntprof, "export", *network.options, "--file", str(model), "--test-data",
        str(folder), "--threads", str(options.threads), "--seed", str(options.seed), "--tuning",
        options.tuning, "--quiet",
    ]
    if options.batch:
        command += ["--batch", str(options.batch)]
    if options.no_fusion:
        command.append("--no-fusion")
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        # Inlays such as the CTC search have no operator.
        severity = 0 if "ONNX has no operator" in result.stderr else 1
        raise agreement.Refused(result.stderr.strip(), severity)


def tensor(path: pathlib.Path) -> numpy.ndarray:
    message = onnx.TensorProto()
    message.ParseFromString(path.read_bytes())
    return onnx.numpy_helper.to_array(message)


if __name__ == "__main__":
    sys.exit(main())
