#!/usr/bin/env python3
"""Quantises a model by ONNX Runtime's own tool, for engines to race in int8.

    Benchmarks/quantise.py MODEL.onnx QUANTISED.onnx [--samples 4] [--weight-bits 8]

Static, QDQ: activations u8, weights s8 with one scale an output channel, which all three engines have kernels for on x86.
Without VNNI a CPU adds two products in 16 bits, which weights of 8 bits overflow: --weight-bits 7 is for those.
MODEL is what `ntprof export --test-data` wrote, with its input_0.pb and so on beside it. It is calibrated (least and largest)
on these and on random permutations of their elements: the same numbers in other places, so that indices stay indices.
What the tool does not quantise stays in f32, in all engines alike: recurrent layers are among that.
"""

import argparse
import os
import pathlib
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnxruntime.quantization import (
    CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static)
from onnxruntime.quantization.shape_inference import quant_pre_process

from worker import ntprof_inputs


class Permutations(CalibrationDataReader):
    """The model's own inputs, then their elements in random orders."""

    def __init__(self, model: pathlib.Path, names: list[str], samples: int):
        self.own = ntprof_inputs(str(model), names)
        self.left = samples
        self.random = numpy.random.default_rng(1)
        self.isFirst = True

    def get_next(self):
        if self.left == 0:
            return None
        self.left -= 1
        if self.isFirst:
            self.isFirst = False
            return self.own
        return {
            name: self.random.permutation(values.ravel()).reshape(values.shape)
            for name, values in self.own.items()}


def quantise(model: pathlib.Path, target: pathlib.Path, samples: int = 4, bits: int = 8) -> None:
    """Writes the quantised model, whole or not at all."""
    names = [value.name for value in onnx.load(str(model), load_external_data=False).graph.input]
    with tempfile.TemporaryDirectory(prefix="quantise-", dir=target.parent) as folder:
        plain, made = (pathlib.Path(folder) / name for name in ("plain.onnx", "made.onnx"))
        # Shapes, and constants folded: batch normalisation must be in its convolution before that has integers.
        quant_pre_process(str(model), str(plain), skip_symbolic_shape=True)
        quantize_static(
            str(plain), str(made), Permutations(model, names, samples),
            quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
            per_channel=True, reduce_range=bits == 7, calibrate_method=CalibrationMethod.MinMax)
        os.replace(made, target)


def layers(path: pathlib.Path) -> tuple[int, int]:
    """Convolutions and products of a model whose weights are integers, and all of them."""
    graph = onnx.load(str(path), load_external_data=False).graph
    dequantised = {
        output for node in graph.node if node.op_type == "DequantizeLinear" for output in node.output}
    heavy = [node for node in graph.node if node.op_type in ("Conv", "ConvTranspose", "Gemm", "MatMul")]
    return sum(node.input[1] in dequantised for node in heavy), len(heavy)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--samples", type=int, default=4, help="inputs that it is calibrated on")
    parser.add_argument("--weight-bits", type=int, choices=[7, 8], default=8)
    options = parser.parse_args()
    quantise(options.model, options.target, options.samples, options.weight_bits)
    integer, heavy = layers(options.target)
    print(f"{options.target}: {integer} of {heavy} convolutions and products in integers, "
          f"by ONNX Runtime {onnxruntime.__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
