"""One engine with one model: a process that times passes when it is told to, and sleeps between.

Arguments: engine, model, threads, precision. It answers each line of standard input, a JSON object
{"seconds": S, "passes": N, "warmup": W}, with one line {"samples": [ns...]}; the first line it
writes, before any question, describes the engine.
"""

import json
import pathlib
import sys
import time

import numpy
import onnx
import onnx.numpy_helper


def ntprof_inputs(model: str, names: list[str]) -> dict[str, numpy.ndarray]:
    """The inputs that ntprof fills for itself, written beside the model.

    Random numbers would not do: as indices into a table they would all choose its first row.
    """
    inputs = {}
    for index, name in enumerate(names):
        message = onnx.TensorProto()
        message.ParseFromString((pathlib.Path(model).parent / f"input_{index}.pb").read_bytes())
        # A copy: what it returns may lie in the message's memory, which nobody may write to.
        inputs[name] = numpy.array(onnx.numpy_helper.to_array(message), order="C")
    return inputs


def onnxruntime_pass(path: str, threads: int, precision: str):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    # As ntprof and OpenVINO below: denormal numbers count as 0.
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    inputs = ntprof_inputs(path, [value.name for value in session.get_inputs()])
    for name, data in inputs.items():
        binding.bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(data))
    for output in session.get_outputs():
        zeros = numpy.zeros(output.shape, numpy.float32)
        binding.bind_ortvalue_output(output.name, onnxruntime.OrtValue.ortvalue_from_numpy(zeros))
    # It computes in what the model has: floats, or integers where that is quantised.
    facts = {
        "engine": "onnxruntime", "version": onnxruntime.__version__,
        "precision": "int8" if precision == "int8" else "f32"}
    return facts, lambda: session.run_with_iobinding(binding)


def openvino_pass(path: str, threads: int, precision: str):
    import openvino

    core = openvino.Core()
    settings = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": "1",
        "INFERENCE_NUM_THREADS": str(threads),
        # Without this hint a CPU with bf16 instructions computes in bf16. Of a quantised model it is what is not in
        # integers: f32, as in the other engines.
        "INFERENCE_PRECISION_HINT": "f32" if precision == "int8" else precision,
        "CPU_DENORMALS_OPTIMIZATION": True,
    }
    compiled = core.compile_model(core.read_model(path), "CPU", settings)
    request = compiled.create_infer_request()
    inputs = ntprof_inputs(path, [port.any_name for port in compiled.inputs])
    for port in compiled.inputs:
        request.set_tensor(port, openvino.Tensor(inputs[port.any_name], shared_memory=True))
    facts = {
        "engine": "openvino",
        "version": openvino.__version__,
        "precision": "int8" if precision == "int8"
        else str(compiled.get_property("INFERENCE_PRECISION_HINT")),
        "threads": int(compiled.get_property("INFERENCE_NUM_THREADS")),
    }
    # The request shares the arrays' memory, so `inputs` must live as long as it does.
    return facts, lambda inputs=inputs: request.infer(share_inputs=True, share_outputs=True)


ENGINES = {"onnxruntime": onnxruntime_pass, "openvino": openvino_pass}


def measure(run, seconds: float, passes: int, warmup: int) -> list[int]:
    """Durations in ns, taken until both the time and the number of passes are reached."""
    for _ in range(warmup):
        run()
    samples = []
    end = time.perf_counter_ns() + int(seconds * 1e9)
    while len(samples) < passes or time.perf_counter_ns() < end:
        begin = time.perf_counter_ns()
        run()
        samples.append(time.perf_counter_ns() - begin)
    return samples


def main() -> None:
    engine, path, threads, precision = sys.argv[1:]
    facts, run = ENGINES[engine](path, int(threads), precision)
    print(json.dumps(facts), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps({"samples": measure(run, **question)}), flush=True)


if __name__ == "__main__":
    main()
