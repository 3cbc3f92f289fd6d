"""One inference engine with one network: what ntprof starts to measure in it.

The only argument is the engine's name. Requests are JSON objects, a line each, on descriptor 3;
answers go to descriptor 4, because libraries print to the standard streams. See docs/engines.md.
"""

import contextlib
import ctypes
import json
import mmap
import os
import select
import signal
import struct
import sys
import time

# The script comes from a descriptor, whose folder is no place for modules.
sys.path[:] = [path for path in sys.path if path not in ("", "/", "/proc/self/fd")]

PROTOCOL = 1
REQUESTS, ANSWERS = 3, 4
# Samples of nodes that one answer may hold.
MOST_SAMPLES = 400_000
# Clocks of nodes that cut every time to these: half of it is lost on average.
WHOLE_MICROSECONDS = 1000
clock = time.perf_counter_ns


class Refusal(Exception):
    """What goes into an answer's `error`."""

    def __init__(self, code, message, **more):
        super().__init__(message)
        self.answer = {"code": code, "message": message, **more}


class Channel:
    """Lines from ntprof and to it."""

    def __init__(self):
        self.rest = b""

    def receive(self):
        """The next request; None when ntprof has ended."""
        while b"\n" not in self.rest:
            part = os.read(REQUESTS, 65536)
            if not part:
                return None
            self.rest += part
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def waiting(self):
        """Whether a request can be read now."""
        return b"\n" in self.rest or bool(select.select([REQUESTS], [], [], 0)[0])

    def send(self, message):
        data = json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        while data:
            data = data[os.write(ANSWERS, data):]


def same(name, asked, got):
    """Refuses to go on with a setting that did not take."""
    if asked != got:
        raise Refusal("setting", f"{name} was set to {asked}, but the engine says {got}")
    return got


def read_input(numpy, value):
    data = numpy.fromfile(value["file"], dtype=numpy.float32)
    return numpy.ascontiguousarray(data.reshape(value["shape"]))


def write_outputs(numpy, request, outputs):
    """Writes the outputs as raw f32 in plain order and says where."""
    written = []
    for index, (name, data) in enumerate(outputs):
        path = os.path.join(request["folder"], f"output_{index}.f32")
        numpy.ascontiguousarray(data, dtype=numpy.float32).tofile(path)
        written.append({"name": name, "file": path})
    return written


class ONNXRuntime:
    """One session: profiled passes, then the profile is closed, then bare ones."""

    package, oldest = "onnxruntime", (1, 15)
    alternates = False

    def __init__(self):
        import numpy
        import onnxruntime

        self.numpy, self.library = numpy, onnxruntime
        self.version = onnxruntime.__version__
        self.build = getattr(onnxruntime, "get_build_info", lambda: "")()
        self.passes, self.warmups, self.events = 0, [], None

    def load(self, request):
        library = self.library
        if request["precision"] != "f32":
            raise Refusal(
                "setting", f"ONNX Runtime has no precision hint: {request['precision']} "
                "is what the model would have to be written in", remedy="--precision f32")
        library.set_default_logger_severity(4)
        options = library.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = request["threads"]
        options.inter_op_num_threads = 1
        options.execution_mode = library.ExecutionMode.ORT_SEQUENTIAL
        level = library.GraphOptimizationLevel
        options.graph_optimization_level = (
            level.ORT_ENABLE_ALL if request["fusion"] else level.ORT_DISABLE_ALL)
        self.graph_file = os.path.join(request["folder"], "optimized.onnx")
        options.optimized_model_filepath = self.graph_file
        # Without it the pool spins for 50 ms after a pass and disturbs what comes next.
        entries = {
            "session.force_spinning_stop": "1", "session.set_denormal_as_zero": "1",
            "session.intra_op.allow_spinning": "1",
        }
        cpus = request.get("cpus")
        if cpus and request["threads"] > 1:
            entries["session.intra_op_thread_affinities"] = ";".join(
                str(cpu + 1) for cpu in cpus[1:request["threads"]])
        for name, value in entries.items():
            options.add_session_config_entry(name, value)
        options.enable_profiling = True
        options.profile_file_prefix = os.path.join(request["folder"], "profile")
        self.session = library.InferenceSession(
            request["model"], options, providers=["CPUExecutionProvider"])
        if cpus:
            os.sched_setaffinity(0, {cpus[0]})
        got = self.session.get_session_options()
        settings = {
            "intra_op_num_threads": same(
                "intra_op_num_threads", request["threads"], got.intra_op_num_threads),
            "inter_op_num_threads": same("inter_op_num_threads", 1, got.inter_op_num_threads),
            "execution_mode": str(got.execution_mode).split(".")[-1],
            "graph_optimization_level": str(got.graph_optimization_level).split(".")[-1],
            "providers": ",".join(self.session.get_providers()),
        }
        for name, value in entries.items():
            settings[name] = same(name, value, got.get_session_config_entry(name))
        self.graph = read_onnx_graph(self.graph_file)
        os.unlink(self.graph_file)
        self.binding = self.session.io_binding()
        self.kept = [read_input(self.numpy, value) for value in request["inputs"]]
        for value, data in zip(request["inputs"], self.kept):
            self.binding.bind_ortvalue_input(
                value["name"], library.OrtValue.ortvalue_from_numpy(data))
        self.outputs = []
        for output in self.session.get_outputs():
            place = library.OrtValue.ortvalue_from_numpy(
                self.numpy.zeros(output.shape, self.numpy.float32))
            self.binding.bind_ortvalue_output(output.name, place)
            self.outputs.append((output.name, place))
        self.most = min(1_000_000 // (len(self.graph) + 2), 40_000 // (len(self.graph) + 1)) - 8
        return settings

    def results(self):
        return [(name, place.numpy()) for name, place in self.outputs]

    def begin(self, kind):
        if kind == "bare" and self.events is None:
            self.close_profile()
        elif kind == "timed" and self.events is not None:
            raise Refusal("protocol", "the profile is closed: timed passes come first")

    def limit(self, kind):
        return self.most - self.passes if kind == "timed" else None

    def run_pass(self, kind, counts):
        if kind == "timed":
            if not counts:
                self.warmups.append(self.passes)
            self.passes += 1
        self.session.run_with_iobinding(self.binding)

    def end(self, kind):
        pass

    def close_profile(self):
        path = self.session.end_profiling()
        with open(path, encoding="utf-8") as file:
            self.events = json.load(file)
        os.unlink(path)

    def nodes(self):
        if self.events is None:
            self.close_profile()
        skipped, passes, current, rows, facts = set(self.warmups), [], {}, {}, {}
        number = 0
        for event in self.events:
            if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
                name = event["name"][: -len("_kernel_time")]
                current[name] = current.get(name, 0) + event["dur"] * 1000
                facts.setdefault(name, event["args"].get("op_name", ""))
            elif event.get("name") == "SequentialExecutor::Execute":
                if number not in skipped:
                    for name in current:
                        rows.setdefault(name, [0] * len(passes))
                    passes.append(event["dur"] * 1000)
                    for name, row in rows.items():
                        row.append(current.get(name, 0))
                number += 1
                current = {}
        domains = {node["name"]: node.pop("domain", "") for node in self.graph}
        nodes = []
        for name, row in rows.items():
            nchwc = "nchwc" in domains.get(name, "")
            nodes.append({
                "name": name, "op": facts[name], "ns": row,
                "implementation": "mlas:nchwc" if nchwc else "mlas" if facts[name] in MLAS
                else "onnxruntime:cpu"})
        return {
            "nodes": nodes, "passes_ns": passes, "graph": self.graph, "step_ns": WHOLE_MICROSECONDS}


MLAS = {
    "Conv", "FusedConv", "Gemm", "FusedGemm", "MatMul", "FusedMatMul", "MaxPool", "AveragePool",
    "GlobalMaxPool", "GlobalAveragePool", "LSTM", "GRU", "Softmax", "LogSoftmax", "Erf", "Tanh",
    "Sigmoid", "Gelu", "FastGelu", "BiasGelu", "QLinearConv", "Transpose", "Attention",
}


def fields(data, begin, end):
    """The fields of a message of protobuf: number, and a value or the place of one."""
    def varint(at):
        value, shift = 0, 0
        while True:
            byte = data[at]
            value |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return value, at

    while begin < end:
        tag, begin = varint(begin)
        kind = tag & 7
        if kind == 2:
            length, begin = varint(begin)
            yield tag >> 3, (begin, begin + length)
            begin += length
        elif kind == 0:
            value, begin = varint(begin)
            yield tag >> 3, value
        else:
            begin += 8 if kind == 1 else 4


def read_onnx_graph(path):
    """The nodes of a model, without reading its weights."""
    nodes = []
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for number, place in fields(data, 0, len(data)):
            if number != 7:
                continue
            for field, node in fields(data, *place):
                if field != 1:
                    continue
                texts = {1: [], 2: [], 3: [], 4: [], 7: []}
                for part, where in fields(data, *node):
                    if part in texts:
                        texts[part].append(data[where[0]:where[1]].decode())
                nodes.append({
                    "name": (texts[3] or [""])[0], "op": (texts[4] or [""])[0],
                    "domain": (texts[7] or [""])[0], "values": texts[1], "outputs": texts[2]})
    makers = {value: index for index, node in enumerate(nodes) for value in node["outputs"]}
    for node in nodes:
        node["inputs"] = [makers[value] for value in node.pop("values") if value in makers]
    return nodes


class OpenVINO:
    """Two compiled models, one of which counts; the counters are read between blocks of passes.

    A counter gives total / passes in whole microseconds since compilation, so that the mean over a
    block is a difference of two totals.
    """

    package, oldest = "openvino", (2023, 1)
    alternates = True

    def __init__(self):
        import numpy
        import openvino

        self.numpy, self.library = numpy, openvino
        self.version = openvino.__version__.split("-")[0]
        self.build = openvino.get_version()
        self.count, self.before, self.rows, self.windows = 0, None, {}, []
        self.sizes, self.wall, self.in_window = [], 0, 0

    def load(self, request):
        openvino = self.library
        core = openvino.Core()
        properties = {
            "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": request["threads"],
            "INFERENCE_PRECISION_HINT": request["precision"],
            "CPU_DENORMALS_OPTIMIZATION": True, "ENABLE_CPU_PINNING": bool(request.get("cpus")),
        }
        model = core.read_model(request["model"])
        inputs = {value["name"]: read_input(self.numpy, value) for value in request["inputs"]}
        self.requests, self.compiled, self.inputs = {}, {}, inputs
        settings = {}
        for kind in ("timed", "bare"):
            compiled = core.compile_model(
                model, "CPU", {**properties, "PERF_COUNT": kind == "timed"})
            for name, asked in properties.items():
                got = compiled.get_property(name)
                if name == "INFERENCE_PRECISION_HINT":
                    got = {"float": "f32", "bfloat16": "bf16"}.get(got.to_string(), got.to_string())
                elif name == "PERFORMANCE_HINT":
                    got = str(got).split(".")[-1]
                elif isinstance(asked, int):
                    got = type(asked)(got)
                settings[name] = same(name, asked, got)
            infer = compiled.create_infer_request()
            for port in compiled.inputs:
                name = next((name for name in port.names if name in inputs), None)
                if name is None:
                    raise Refusal("model", f"the engine has an input {sorted(port.names)} more")
                infer.set_tensor(port, openvino.Tensor(inputs[name], shared_memory=True))
            self.compiled[kind], self.requests[kind] = compiled, infer
        self.isa = str(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
        return {name: str(value) for name, value in settings.items()}

    def results(self):
        infer = self.requests["bare"]
        # In the order of the model's outputs.
        return [
            (port.any_name, infer.get_tensor(port).data)
            for port in self.compiled["bare"].outputs]

    def begin(self, kind):
        pass

    def limit(self, kind):
        return None

    def read(self):
        return {
            info.node_name: info for info in self.requests["timed"].get_profiling_info()}

    def run_pass(self, kind, counts):
        if kind == "timed":
            if counts and self.in_window == 0:
                self.before, self.first, self.wall = self.read(), self.count, 0
            self.count += 1
            self.in_window += 1 if counts else 0
        self.requests[kind].infer(share_inputs=True, share_outputs=True)

    def took(self, kind, ns):
        if kind == "timed":
            self.wall += ns

    def end(self, kind):
        """Closes the window of a block of timed passes."""
        if kind != "timed" or self.in_window == 0:
            return
        after, passes = self.read(), self.in_window
        for name, info in after.items():
            if str(info.status).split(".")[-1] != "EXECUTED":
                continue
            def total(infos, count):
                return infos[name].real_time.total_seconds() * 1e9 * count if name in infos else 0
            span = total(after, self.count) - total(self.before, self.first)
            row = self.rows.setdefault(name, [0] * len(self.windows))
            row.append(max(0, round(span / passes)))
        self.windows.append(round(self.wall / passes))
        self.sizes.append(passes)
        for row in self.rows.values():
            row.extend([0] * (len(self.windows) - len(row)))
        self.in_window = 0

    def nodes(self):
        ops = self.compiled["timed"].get_runtime_model().get_ordered_ops()
        index = {op.get_friendly_name(): place for place, op in enumerate(ops)}
        graph = []
        for op in ops:
            facts = {}
            for name, value in op.get_rt_info().items():
                text = value.astype(str) if hasattr(value, "astype") else value
                facts[name] = str(text)
            inputs = [
                index[port.get_source_output().get_node().get_friendly_name()]
                for port in op.inputs()]
            graph.append({
                "name": op.get_friendly_name(), "op": facts.get("layerType", op.get_type_name()),
                "inputs": inputs, "outputs": [],
                "origin": [
                    name for name in facts.get("originalLayersNames", "").split(",") if name],
                "layout": facts.get("outputLayouts", "")})
        infos = self.read()
        nodes = [
            {"name": name, "op": infos[name].node_type, "implementation": infos[name].exec_type,
             "ns": row} for name, row in self.rows.items() if name in infos]
        return {
            "nodes": nodes, "passes_ns": self.windows, "graph": graph,
            "passes_per_sample": max(self.sizes, default=1), "step_ns": WHOLE_MICROSECONDS}


class PyTorch:
    """A generated module, eager; timed passes read a clock behind each layer's module."""

    package, oldest = "torch", (1, 13)
    alternates = True

    def __init__(self):
        import numpy
        import torch

        self.numpy, self.library = numpy, torch
        self.version = torch.__version__
        self.build = torch.__config__.show()
        self.hooks, self.stamps, self.rows, self.passes = [], [], [], []
        self.returned, self.returns = 0, []

    def load(self, request):
        torch = self.library
        if request["precision"] != "f32":
            raise Refusal(
                "setting", f"the module is written in f32, not {request['precision']}",
                remedy="--precision f32")
        torch.set_num_threads(request["threads"])
        torch.set_num_interop_threads(1)
        # Before the first parallel operation: later threads keep what they had.
        flushes = torch.set_flush_denormal(True)
        threads = same("set_num_threads", request["threads"], torch.get_num_threads())
        namespace = {"__name__": "network"}
        with open(request["model"], encoding="utf-8") as file:
            exec(compile(file.read(), request["model"], "exec"), namespace)
        with without_initial_values(torch):
            self.network = namespace["Model"]()
        tensors = namespace["renamed"](read_safetensors(torch, request["weights"]))
        missing, more = self.network.load_state_dict(tensors, strict=False, assign=True)
        missing = [key for key in missing if not key.endswith("num_batches_tracked")]
        if missing or more:
            raise Refusal("model", f"weights are missing or left over: {(missing + more)[:5]}")
        self.network.eval()
        names = namespace.get("LAYERS", {})
        self.layers = [(names.get(name, name), module)
                       for name, module in self.network.named_children()]
        self.inputs = [
            torch.from_numpy(read_input(self.numpy, value)) for value in request["inputs"]]
        self.names = [value["name"] for value in request["outputs"]]
        self.last = None
        return {
            "num_threads": threads, "num_interop_threads": torch.get_num_interop_threads(),
            "flush_denormal": flushes, "mkldnn": torch.backends.mkldnn.is_available(),
            "cpu_capability": torch.backends.cpu.get_cpu_capability(), "mode": "eager",
        }

    def results(self):
        outputs = self.last if isinstance(self.last, (tuple, list)) else [self.last]
        return [(name, output.numpy()) for name, output in zip(self.names, outputs)]

    def begin(self, kind):
        if kind != "timed":
            return
        append, now = self.stamps.append, clock
        for place, (_, module) in enumerate(self.layers):
            def hook(module, inputs, output, place=place):
                append((place, now()))
            self.hooks.append(module.register_forward_hook(hook))
        # Behind the network's own code, whose values are freed by then.
        def network_hook(module, inputs, output):
            self.returned = now()
        self.hooks.append(self.network.register_forward_hook(network_hook))

    def end(self, kind):
        for hook in self.hooks:
            hook.remove()
        self.hooks = []

    def limit(self, kind):
        return MOST_SAMPLES // (len(self.layers) + 1) - len(self.passes)

    def run_pass(self, kind, counts):
        self.stamps.clear()
        begin = clock()
        with self.library.inference_mode():
            self.last = self.network(*self.inputs)
        end = clock()
        if kind == "timed" and counts:
            row, before = [0] * len(self.layers), begin
            for place, stamp in self.stamps:
                row[place] += stamp - before
                before = stamp
            self.rows.append(row)
            self.passes.append(end - begin)
            self.returns.append(max(0, self.returned - before))

    def nodes(self):
        operators = self.operators()
        nodes = [
            {"name": name, "op": type(module).__name__, "layer": name,
             "implementation": operators.get(name, "eager"), "ns": [row[place] for row in self.rows]}
            for place, (name, module) in enumerate(self.layers)]
        graph = [
            {"name": name, "op": type(module).__name__, "inputs": [index - 1] if index else [],
             "outputs": []} for index, (name, module) in enumerate(self.layers)]
        return {
            "nodes": nodes, "passes_ns": self.passes, "graph": graph, "return_ns": self.returns}

    def operators(self):
        """Of each layer the operators that take most of it, by one profiled pass."""
        torch, open_records, handles = self.library, {}, []
        for name, module in self.layers:
            def enter(module, inputs, name=name):
                record = torch.autograd.profiler.record_function("ntprof:" + name)
                record.__enter__()
                open_records[name] = record
            def leave(module, inputs, output, name=name):
                open_records.pop(name).__exit__(None, None, None)
            handles += [module.register_forward_pre_hook(enter), module.register_forward_hook(leave)]
        try:
            with torch.autograd.profiler.profile() as profile:
                with torch.inference_mode():
                    self.network(*self.inputs)
        finally:
            for handle in handles:
                handle.remove()
        times = {}
        for event in profile.function_events:
            owner = event
            while owner is not None and not owner.name.startswith("ntprof:"):
                owner = owner.cpu_parent
            if owner is None or owner is event:
                continue
            layer = times.setdefault(owner.name[len("ntprof:"):], {})
            layer[event.name] = layer.get(event.name, 0) + event.self_cpu_time_total
        chosen = {}
        for layer, found in times.items():
            whole = sum(found.values())
            names = sorted(found, key=lambda name: -found[name])
            chosen[layer] = ", ".join(
                [name for name in names if found[name] >= 0.2 * whole][:3] or names[:1])
        return chosen


@contextlib.contextmanager
def without_initial_values(torch):
    """Modules made meanwhile are not filled with random numbers, which all are replaced."""
    init, kept = torch.nn.init, {}
    for name in dir(init):
        if name.endswith("_") and not name.startswith("_"):
            kept[name] = getattr(init, name)
            setattr(init, name, lambda tensor, *rest, **more: tensor)
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(init, name, function)


def read_safetensors(torch, path):
    kinds = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
             "I64": torch.int64, "I32": torch.int32, "I8": torch.int8, "U8": torch.uint8}
    tensors = {}
    with open(path, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        head = json.loads(file.read(length))
        for name, facts in head.items():
            if name == "__metadata__":
                continue
            begin, end = facts["data_offsets"]
            data = bytearray(end - begin)
            file.seek(8 + length + begin)
            file.readinto(data)
            kind = kinds[facts["dtype"]]
            tensor = torch.frombuffer(data, dtype=kind) if data else torch.empty(0, dtype=kind)
            tensors[name] = tensor.reshape(facts["shape"])
    return tensors


ENGINES = {"onnxruntime": ONNXRuntime, "openvino": OpenVINO, "pytorch": PyTorch}


class Worker:
    def __init__(self, name):
        self.name, self.engine, self.channel = name, None, Channel()
        self.stopped = False

    def serve(self):
        while True:
            request = self.channel.receive()
            if request is None or request.get("do") == "quit":
                return
            if request.get("do") == "stop":
                # Never answered: it may come when the run is already over.
                self.stopped = True
                continue
            number = request.get("id")
            try:
                answer = {"re": number, "ok": getattr(self, "do_" + request["do"])(request)}
            except Refusal as refusal:
                answer = {"re": number, "error": refusal.answer}
            except MemoryError:
                answer = {"re": number, "error": {"code": "memory", "message": "out of memory"}}
            except Exception as error:
                answer = {"re": number, "error": self.explain(request, error)}
            self.channel.send(answer)

    def explain(self, request, error):
        words = " ".join(str(error).split())[:2000] or type(error).__name__
        unsupported = (
            "NOT_IMPLEMENTED" in words or "NotImplemented" in type(error).__name__
            or "OpConversionFailure" in words or "No conversion rule" in words
            or "not supported" in words and request["do"] == "load")
        code = "unsupported-operator" if unsupported else (
            "memory" if "bad_alloc" in words or "can't allocate memory" in words else
            "model" if request["do"] == "load" else "engine")
        return {"code": code, "message": words}

    def do_hello(self, request):
        if request["protocol"] != PROTOCOL:
            raise Refusal("protocol", f"the worker speaks protocol {PROTOCOL}")
        kind = ENGINES[self.name]
        try:
            self.engine = kind()
        except ImportError as error:
            raise Refusal("missing-package", str(error), package=kind.package) from error
        have = tuple(
            int(part) for part in self.engine.version.split("+")[0].split(".")[:2]
            if part.isdigit())
        if have < kind.oldest:
            need = ".".join(map(str, kind.oldest))
            raise Refusal(
                "too-old", f"{kind.package} {self.engine.version} is older than {need}",
                package=kind.package, have=self.engine.version, need=need)
        return {
            "protocol": PROTOCOL, "engine": self.name, "version": self.engine.version,
            "build": self.engine.build, "python": sys.version.split()[0],
            "executable": sys.executable}

    def do_load(self, request):
        self.channel.send({"re": request["id"], "progress": "loading"})
        begin = clock()
        settings = self.engine.load(request)
        took = clock() - begin
        begin = clock()
        # A pass of the bare network: its outputs are compared with ntprof's.
        if isinstance(self.engine, ONNXRuntime):
            self.engine.run_pass("timed", False)
        else:
            self.engine.run_pass("bare", False)
        first = clock() - begin
        return {
            "load_ns": took, "first_ns": first,
            "settings": {name: str(value) for name, value in settings.items()},
            "alternates": self.engine.alternates,
            "outputs": write_outputs(self.engine.numpy, request, self.engine.results())}

    def do_run(self, request):
        engine, kind, number = self.engine, request["kind"], request["id"]
        engine.begin(kind)
        took = getattr(engine, "took", None)
        most = engine.limit(kind)
        stopped, samples, unsent, warm = False, 0, [], 0
        begin = clock()
        while warm < request["warmup_passes"] or clock() - begin < request["warmup_ns"]:
            if most is not None and warm >= most // 2 or self.stop_asked():
                break
            engine.run_pass(kind, False)
            warm += 1
        if most is not None:
            most = max(1, most - (warm if isinstance(engine, ONNXRuntime) else 0))
        begin = told = clock()
        while not stopped:
            before = clock()
            engine.run_pass(kind, True)
            after = clock()
            unsent.append(after - before)
            if took:
                took(kind, after - before)
            samples += 1
            if after - told > 200_000_000:
                self.channel.send({"re": number, "samples": unsent})
                unsent, told = [], after
            enough = samples >= request["passes"] and after - begin >= request["until_ns"]
            stopped = self.stop_asked()
            if enough or most is not None and samples >= most:
                break
        engine.end(kind)
        if unsent:
            self.channel.send({"re": number, "samples": unsent})
        return {"passes": samples, "warmup": warm, "stopped": stopped}

    def stop_asked(self):
        """Whether `stop`, the only request heard during a run, has come."""
        if not self.stopped and self.channel.waiting():
            request = self.channel.receive()
            self.stopped = request is None or request.get("do") in ("stop", "quit")
        return self.stopped

    def do_nodes(self, request):
        return self.engine.nodes()


def main():
    # Ctrl-C reaches the whole group: ntprof says when to stop. It ends with ntprof.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    Worker(sys.argv[1]).serve()


main()
