#!/usr/bin/env python3
"""Compares ntprof's outputs with ONNX Runtime's on the exported models; see README.md."""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import networks
import numpy
import onnx
import onnx.checker
import onnx.numpy_helper
import onnxruntime


def main() -> int:
    options = arguments()
    chosen = networks.find(options.networks) if options.networks else bundled()
    print(f"{'network':<20} {'outputs':>7} {'relative':>9}  {'worst output':<20} verdict")
    worst = 0
    for network in chosen:
        with tempfile.TemporaryDirectory(prefix="ntprof-compare-") as folder:
            try:
                differences = compare(network, pathlib.Path(folder), options)
            except Refused as reason:
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ntprof", default=str(networks.ROOT / ".build/release/ntprof"))
    parser.add_argument(
        "--networks", nargs="*",
        help="names, topologies, or folders of them (default: every bundled topology)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tuning", choices=["fast", "auto", "search"], default="fast")
    parser.add_argument("--no-fusion", action="store_true")
    parser.add_argument(
        "--tolerance", type=float, default=1e-4,
        help="largest difference, as a share of the output's largest magnitude")
    return parser.parse_args()


def bundled() -> list[networks.Network]:
    """The topologies of both folders."""
    return [
        networks.Network(path.stem, path.stem)
        for folder in networks.FOLDERS for path in sorted(folder.glob("*.xml"))
    ]


class Refused(Exception):
    """Why a network was not compared; severity 0 where that is as documented."""

    def __init__(self, reason: str, severity: int):
        super().__init__(reason)
        self.severity = severity


def compare(network, folder: pathlib.Path, options) -> dict[str, float]:
    """For each output the largest difference of an element, as a share of the output's largest
    magnitude."""
    model = folder / "model.onnx"
    export(network, model, folder, options)
    try:
        onnx.checker.check_model(str(model), full_check=True)
    except Exception as error:
        raise Refused(f"ONNX's checker: {error}", 1) from error
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
        if ours.shape != reference.shape:
            raise Refused(f"output '{name}': {ours.shape} against {reference.shape}", 1)
        if not numpy.isfinite(ours).all() or not numpy.isfinite(reference).all():
            raise Refused(f"output '{name}' is not finite", 1)
        difference = float(numpy.abs(ours.astype(numpy.float64) - reference).max())
        scale = float(numpy.abs(reference).max())
        differences[name] = difference / scale if scale > 0 else difference
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
        raise Refused(result.stderr.strip(), severity)


def tensor(path: pathlib.Path) -> numpy.ndarray:
    message = onnx.TensorProto()
    message.ParseFromString(path.read_bytes())
    return onnx.numpy_helper.to_array(message)


if __name__ == "__main__":
    sys.exit(main())
