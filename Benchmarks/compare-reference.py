#!/usr/bin/env python3
"""Whether a topology is the network that somebody else exported.

Gives the weights of an ONNX model to ntprof's export of a topology, runs that with ONNX Runtime and
compares its output with a stored one:

    compare-reference.py TOPOLOGY.xml MODEL.onnx REFERENCE.npz

The archive holds the input as `x` and the output as `y0`. Weights are matched in the order of the
layers; batch normalisation that the model has folded into its convolutions becomes the identity.
With `compare-outputs.py`, which holds ntprof's own numbers against the same export, this checks a
whole network against the framework that made the reference.
"""

import argparse
import dataclasses
import pathlib
import subprocess
import sys
import tempfile

import networks
import numpy
import onnx
import onnx.numpy_helper
import onnxruntime

# How many inputs of a node, from the second on, are weights.
WEIGHTS = {"Conv": 2, "ConvTranspose": 2, "LSTM": 3, "GRU": 3, "RNN": 3, "Gemm": 2, "MatMul": 1}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topology")
    parser.add_argument("model")
    parser.add_argument("reference")
    parser.add_argument("--ntprof", default=str(networks.ROOT / ".build/release/ntprof"))
    parser.add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    reference = numpy.load(options.reference)
    with tempfile.TemporaryDirectory(prefix="ntprof-reference-") as folder:
        subprocess.run(
            [options.ntprof, "export", options.topology, "--output", folder, "--quiet"], check=True)
        ours = onnx.load(next(pathlib.Path(folder).glob("*.onnx")))
    count = transplant(onnx.load(options.model), ours)
    session = onnxruntime.InferenceSession(
        ours.SerializeToString(), providers=["CPUExecutionProvider"])
    output = session.run(None, {session.get_inputs()[0].name: reference["x"]})[0]
    wanted = reference["y0"]
    difference = numpy.abs(output.reshape(wanted.shape) - wanted).max() / numpy.abs(wanted).max()
    verdict = "same" if difference <= options.tolerance else "DIFFERENT"
    print(f"{ours.graph.name}: weights of {count} layers, relative difference {difference:.2e}, {verdict}")
    return 0 if verdict == "same" else 1


def transplant(source: onnx.ModelProto, target: onnx.ModelProto) -> int:
    """Puts the weights of one model into another; gives the number of layers that have some."""
    have, want = layers(source), layers(target)
    if [layer.kind for layer in have] != [layer.kind for layer in want]:
        sys.exit(f"compare-reference.py: layers differ: {len(have)} against {len(want)}")
    places = {tensor.name: place for place, tensor in enumerate(target.graph.initializer)}

    def put(name: str, values: numpy.ndarray) -> None:
        old = target.graph.initializer[places[name]]
        if list(old.dims) != list(values.shape):
            sys.exit(f"compare-reference.py: {name} is {list(old.dims)}, not {list(values.shape)}")
        old.CopyFrom(onnx.numpy_helper.from_array(numpy.ascontiguousarray(values), name))

    norms = {node.input[0]: node for node in target.graph.node if node.op_type == "BatchNormalization"}
    adds = {node.input[0]: node for node in target.graph.node if node.op_type == "Add"}
    for layer, node in zip(have, (layer.node for layer in want)):
        given = layer.arrays
        names = [name for name in node.input[1:] if name in places]
        if layer.kind == "product" and is_transposed(node):
            given[0] = given[0].T
        if len(names) > len(given):
            sys.exit(f"compare-reference.py: the model has no weights for {names[len(given)]}")
        for name, values in zip(names, given):
            put(name, values)
        rest = given[len(names):]
        norm, add = norms.get(node.output[0]), adds.get(node.output[0])
        if norm is not None:
            epsilon = next((a.f for a in norm.attribute if a.name == "epsilon"), 1e-5)
            one = numpy.ones_like(onnx.numpy_helper.to_array(
                target.graph.initializer[places[norm.input[1]]]))
            bias = rest.pop(0) if rest else 0 * one
            for name, values in zip(norm.input[1:], [one, bias, 0 * one, (1 - epsilon) * one]):
                put(name, values.astype(numpy.float32))
        elif add is not None and rest:
            put(next(name for name in add.input if name in places), rest.pop(0))
        if rest:
            sys.exit(f"compare-reference.py: {node.name or node.output[0]} has no place for a bias")
    return len(want)


@dataclasses.dataclass
class Layer:
    """A node with weights, and its arrays; products have theirs as inputs x outputs."""

    kind: str
    node: onnx.NodeProto
    arrays: list


def layers(model: onnx.ModelProto) -> list[Layer]:
    """The layers with weights, in order; a bias that is added behind a product belongs to it."""
    arrays = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    adds = {name: node for node in model.graph.node if node.op_type == "Add" for name in node.input}
    found = []
    for node in model.graph.node:
        if node.op_type not in WEIGHTS or node.input[1] not in arrays:
            continue
        is_product = node.op_type in ("Gemm", "MatMul")
        given = [arrays[name] for name in node.input[1:1 + WEIGHTS[node.op_type]] if name in arrays]
        if is_product and is_transposed(node):
            given[0] = given[0].T
        add = adds.get(node.output[0])
        if node.op_type == "MatMul" and add is not None:
            given += [arrays[name] for name in add.input if name in arrays]
        found.append(Layer("product" if is_product else node.op_type, node, given))
    return found


def is_transposed(node: onnx.NodeProto) -> bool:
    """Whether a product has its weights as outputs x inputs."""
    return any(attribute.name == "transB" and attribute.i for attribute in node.attribute)


if __name__ == "__main__":
    sys.exit(main())
