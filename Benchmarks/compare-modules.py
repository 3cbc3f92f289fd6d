#!/usr/bin/env python3
"""Compares ntprof's outputs with those of the PyTorch modules that it writes; see README.md.

Each module is loaded as its own docstring says: source, `load_weights`, `eval`.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import agreement
import networks
import numpy
import onnx
import onnx.numpy_helper
import torch


def main() -> int:
    options = arguments()
    torch.set_num_threads(options.threads)
    chosen = networks.find(options.networks) if options.networks else networks.bundled()
    print(f"{'network':<20} {'outputs':>7} {'relative':>9}  {'worst output':<20} verdict")
    worst, same, refused = 0, 0, 0
    for network in chosen:
        with tempfile.TemporaryDirectory(prefix="ntprof-modules-") as folder:
            begin = time.monotonic()
            try:
                differences = compare(network, pathlib.Path(folder), options)
            except agreement.Refused as reason:
                print(f"{network.name:<20} {reason}", flush=True)
                worst = max(worst, reason.severity)
                refused += reason.severity == 0
                continue
        name, largest = max(differences.items(), key=lambda item: item[1])
        verdict = "same" if largest <= options.tolerance else "DIFFERENT"
        same += verdict == "same"
        worst = max(worst, 0 if verdict == "same" else 1)
        print(
            f"{network.name:<20} {len(differences):>7} {largest:>9.2e}  {name:<20} {verdict}"
            f"  ({time.monotonic() - begin:.1f} s)", flush=True)
    print(f"{same} of {len(chosen)} the same, {refused} that PyTorch cannot express, "
          f"{len(chosen) - same - refused} others; torch {torch.__version__}")
    return worst


def arguments() -> argparse.Namespace:
    parser = agreement.parser(__doc__)
    return parser.parse_args()


def compare(network, folder: pathlib.Path, options) -> dict[str, float]:
    """For each output the largest difference of an element, as a share of the output's largest
    magnitude."""
    source = folder / "module.py"
    export(network, source, folder, options)
    namespace = {"__name__": "module"}
    exec(compile(source.read_text(), str(source), "exec"), namespace)
    model = namespace["Model"]()
    namespace["load_weights"](model, str(folder / "module.safetensors"))
    model.eval()
    inputs = [torch.from_numpy(data) for data in tensors(folder, "input")]
    with torch.inference_mode():
        found = model(*inputs)
    found = found if isinstance(found, (tuple, list)) else [found]
    ours = tensors(folder, "output")
    if len(ours) != len(found):
        raise agreement.Refused(f"{len(found)} outputs, ntprof has {len(ours)}", 1)
    names = re.findall(r"^        return (.*)$", source.read_text(), re.MULTILINE)[-1].split(", ")
    differences = {}
    for index, (reference, output) in enumerate(zip(ours, found)):
        output, name = output.numpy(), names[index] if len(names) == len(ours) else str(index)
        differences[name] = agreement.difference(name, output, reference)
    return differences


def export(network, source: pathlib.Path, folder: pathlib.Path, options) -> None:
    command = [
        options.ntprof, "export", *network.options, "--format", "pytorch", "--file", str(source),
        "--test-data", str(folder), "--threads", str(options.threads), "--seed", str(options.seed),
        "--quiet",
    ]
    if options.batch:
        command += ["--batch", str(options.batch)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        # Inlays such as the CTC search have no module.
        severity = 0 if "PyTorch has nothing for" in result.stderr else 1
        raise agreement.Refused(result.stderr.strip(), severity)


def tensors(folder: pathlib.Path, kind: str) -> list[numpy.ndarray]:
    """What `--test-data` wrote, in f32, as modules take it."""
    found = []
    while (path := folder / f"{kind}_{len(found)}.pb").exists():
        message = onnx.TensorProto()
        message.ParseFromString(path.read_bytes())
        found.append(numpy.array(onnx.numpy_helper.to_array(message), dtype=numpy.float32))
    return found


if __name__ == "__main__":
    sys.exit(main())
