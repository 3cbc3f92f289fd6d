"""One run of ntprof with something gone wrong, and the rules that it has to keep."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOPOLOGY = """<topology name="narrow" version="1"><param name="units" value="64"/>
<input name="x" shape="4x64" layout="nc"/>
<layer name="a"><fc units="${units}"/><activation kind="relu"/></layer>
<layer name="b"><fc units="16"/></layer></topology>
"""
DOCUMENTED = {0, 64, 65, 66, 69, 70, 73, 74, 75, 130}
MEASURING = ("profile", "team", "auto", "diff", "sweep", "search", "watch")
QUICK = ["--iterations", "4", "--warmup", "1", "--threads", "1"]
SAVING = ["--counters", "none", "--output", "out"]
COMMANDS = {
    "profile": ["profile", "narrow.xml", *QUICK, "--tuning", "fast", *SAVING],
    "auto": ["profile", "narrow.xml", *QUICK, "--format", "table", "--output", "out"],
    "search": ["profile", "narrow.xml", *QUICK, "--tuning", "search", *SAVING, "--format", "table"],
    "watch": ["profile", "narrow.xml", *QUICK, "--tuning", "fast", "--layer-timeout", "20", *SAVING, "--format", "table"],
    "team": ["profile", "narrow.xml", "--iterations", "4", "--warmup", "1", "--threads", "2", "--tuning", "fast",
             "--counters", "software", "--output", "out", "--format", "table"],
    "diff": ["diff", "narrow.xml", "narrow.xml:units=32", "--processes", "2", *QUICK, *SAVING],
    "sweep": ["sweep", "narrow.xml", "--set", "units=16,32", "--rounds", "1", *QUICK, "--output", "out"],
    "report": ["report", "saved.json", "--output", "out"],
    "publish": ["report", "saved.json", "--format", "csv", "--output", "out", "--otlp-endpoint", "COLLECTOR"],
    "export": ["export", "narrow.xml", "-o", "out.onnx", "--test-data", "given"],
    "import": ["import", "tiny.onnx", "-o", "out.xml", "--weights", "keep", "--shape", "image=2x3x16x16"],
    "run": ["run", "tiny.onnx", "--input", "tiny-input.npy", "--outputs", "given", "--shape", "image=2x3x16x16"],
    "check": ["check", "narrow.xml"],
    "show": ["show", "narrow.xml"],
    "machine": ["machine", "--threads", "1"],
    "list": ["list"],
    "bricks": ["bricks", "narrow.xml", *QUICK, "--tuning", "fast", "--store", "store", "--output", "out"],
    "predict": ["predict", "narrow.xml", "--threads", "1", "--from", "saved.json", "--output", "out"],
    "advise": ["advise", "narrow.xml", "--time", "2", "--threads", "1", "--output", "out"],
}
# Measures until its seconds are over: too slow for one fault after the other, and never the same calls.
TIMED = ("advise",)
# What these write does not depend on the run: it is right, or the status says that it is not.
REPEATABLE = ("report", "publish", "export", "import", "run", "check", "show", "list")


def session(leader):
    """The processes of a session beside its leader."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[3] == str(leader) and fields[0] != "Z":
                found.append(int(entry))
    return found


def ends(process, seconds):
    """Whether a process, by number, ends within so many seconds; waits for it by its descriptor."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def whole(path):
    """Whether a JSON file is all there."""
    try:
        json.loads(path.read_text())
        return True
    except (OSError, ValueError):
        return False


class Bench:
    """What all runs start from: a topology, a record, a model, and a cache that knows this machine."""

    def __init__(self, tool, collector=""):
        self.tool, self.collector = str(Path(tool).resolve()), collector
        self.work = Path(tempfile.mkdtemp(prefix="ntprof-faults-"))
        self.inputs, self.cache = self.work / "inputs", self.work / "cache"
        self.inputs.mkdir()
        self.cache.mkdir()
        (self.inputs / "narrow.xml").write_text(TOPOLOGY)
        for name in ("tiny.onnx", "tiny-input.npy"):
            shutil.copy(ROOT / "Tests/Fixtures" / name, self.inputs)
        self.expected = {}
        # Roofs that were measured on a busy machine are not kept, and every process would measure them again.
        known = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ntprof"
        for path in known.glob("roofs-*.json"):
            (self.cache / "ntprof").mkdir(exist_ok=True)
            shutil.copy(path, self.cache / "ntprof")
        # What is calibrated and searched once need not be in every run.
        first = self.passes("profile", cache=self.cache)
        shutil.copy(first.folder / first.documents[0], self.inputs / "saved.json")
        first.close()

    def passes(self, command, **how):
        """A run to which nothing happens."""
        run = Run(self, command, **how)
        if run.status != 0:
            raise SystemExit(f"ntprof {command} fails without a fault: {run.err}")
        return run

    def prepare(self, command):
        """What runs of a command need: the cache they find, and what they must write."""
        if command in MEASURING or command == "machine":
            self.passes(command, cache=self.cache).close()
        elif command not in self.expected:
            run = self.passes(command)
            self.expected[command] = (run.status, run.out, run.results())
            run.close()

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)


class Run:
    """A run in a folder of its own: `environment` and `before`, code of the shell, bring the fault, or `event`,
    a function that is called with the process as soon as it runs."""

    patience = 400  # a machine that builds starves what is nice

    def __init__(self, bench, command, environment=None, before="", event=None, cache=None, arguments=None, setup=None):
        self.bench, self.command = bench, command
        self.folder = Path(tempfile.mkdtemp(prefix="ntprof-fault-"))
        for path in bench.inputs.iterdir():
            shutil.copy(path, self.folder)
        (self.folder / "tmp").mkdir()
        own = cache or self.folder / "cache"
        if not cache:
            shutil.copytree(bench.cache, own)
            if command == "search":
                for path in (own / "ntprof").glob("tuning*"):
                    path.unlink()
        if setup:
            setup(self.folder)
        self.before = {str(p.relative_to(self.folder)) for p in self.folder.rglob("*")}
        given = dict(os.environ, XDG_CACHE_HOME=str(own), TMPDIR=str(self.folder / "tmp"), HOME=str(self.folder / "tmp"),
                     SWIFT_BACKTRACE="enable=no", NTPROF_TOPOLOGIES=str(ROOT / "topologies"), COLUMNS="120")
        given.update(environment or {})
        words = [bench.tool, *(arguments or COMMANDS[command])]
        words = [bench.collector if word == "COLLECTOR" else word for word in words]
        if before:
            words = ["/bin/bash", "-c", before + '\nexec "$@"', "bash", *words]
        self.hung = False
        # Files, and not pipes: what a child that is left holds open would keep this waiting.
        with open(self.folder / ".out", "w+b") as out, open(self.folder / ".err", "w+b") as err:
            process = subprocess.Popen(words, cwd=self.folder, env=given, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=err, start_new_session=True)
            try:
                if event:
                    event(process, self)
                self.status = process.wait(self.patience)
            except subprocess.TimeoutExpired:
                self.hung, self.status = True, None
            self.children = session(process.pid)
            if self.children and not self.hung:
                # What ends with its parent is told so by the kernel, and may need a moment on a busy machine.
                end = time.monotonic() + 5
                while self.children and time.monotonic() < end:
                    ends(self.children[0], end - time.monotonic())
                    self.children = session(process.pid)
            for left in self.children:
                try:
                    os.kill(left, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if self.hung:
                process.kill()
                process.wait()
        self.out = (self.folder / ".out").read_bytes()
        self.err = (self.folder / ".err").read_text(errors="replace")
        new = [p for p in self.folder.rglob("*") if p.name not in (".out", ".err")
               and str(p.relative_to(self.folder)) not in self.before]
        files = [p.relative_to(self.folder) for p in new if p.is_file()]
        self.left = [str(p) for p in files if p.name.startswith(".ntprof") or p.parts[0] == "tmp" and p.suffix != ".json"]
        self.empty = [str(p.relative_to(self.folder)) for p in new
                      if p.is_dir() and not any(p.iterdir()) and p.parts[-1] not in ("tmp",)]
        self.documents = [p for p in files if p.suffix == ".json" and p.parts[0] != "cache"]
        self.broken = [str(p) for p in files if p.suffix == ".json" and not whole(self.folder / p)]
        self.broken += [str(p) for p in files
                        if p.suffix == ".html" and not (self.folder / p).read_bytes().rstrip().endswith(b"</html>")]
        self.files = files

    def results(self):
        """The contents of what it made, by name."""
        return {str(p): (self.folder / p).read_bytes() for p in self.files if p.parts[0] != "cache"}

    def kept(self):
        """What there is of its work: `table`, `record`, `page`, `file`."""
        words = []
        if self.command in MEASURING:
            if self.out.strip():
                words.append("table")
            if self.documents:
                words.append("record")
        elif self.out.strip():
            words.append("output")
        if any(p.suffix in (".html", ".xml", ".onnx", ".npy", ".safetensors") for p in self.files):
            words.append("files")
        return words

    def faults(self, ends=()):
        """The rules it broke. `ends` are the statuses that the event allows besides the documented ones."""
        if self.hung:
            yield "hangs"
            return
        if self.children:
            yield f"leaves {len(self.children)} processes"
        if self.status in ends:
            if self.left:
                yield f"leaves {', '.join(self.left)}"
            return
        if self.status < 0:
            yield f"killed by signal {-self.status}"
        elif self.status not in DOCUMENTED:
            yield f"status {self.status}"
        if self.status and not re.search(r"error: |^\S+:\d+:\d+: ", self.err, re.MULTILINE) and self.status > 0 \
                and self.status != 130:
            yield f"status {self.status} without a message"
        if re.search(r"Fatal error|Backtrace|Crash|stack smashing|corrupted|free\(\)", self.err):
            yield "crash in words"
        if self.left:
            yield f"leaves {', '.join(self.left)}"
        # A library that calls exit, as libgomp does without memory, leaves no time for tidying up.
        if self.empty and self.status and not re.search("a library ended the program|no memory is left", self.err):
            yield f"leaves the empty folder {', '.join(self.empty)}"
        if self.broken:
            yield f"half of {', '.join(self.broken)}"
        if self.status == 0:
            yield from self.lies()

    def lies(self):
        """Ways in which status 0 is not true."""
        if self.command in REPEATABLE and self.command in self.bench.expected:
            _, out, results = self.bench.expected[self.command]
            if self.out != out:
                yield "status 0 with other output"
            for name, contents in results.items():
                mine = self.folder / name
                if not mine.exists():
                    yield f"status 0 without {name}"
                elif mine.read_bytes() != contents and not name.endswith(".html"):
                    yield f"status 0 with another {name}"
        elif self.command in MEASURING:
            if b" a " not in self.out and self.command != "sweep" and b"a  " not in self.out:
                yield "status 0 without a table"
            if not self.documents:
                yield "status 0 without a record"
            if self.command == "sweep" and self.documents:
                sweep = json.loads((self.folder / self.documents[0]).read_text())
                if any(point["state"] != "measured" for point in sweep["points"]):
                    yield "status 0 with points that failed"

    def message(self):
        lines = [line for line in self.err.splitlines() if "error: " in line]
        text = lines[-1] if lines else ""
        text = text.removeprefix("ntprof: error: ").replace(str(self.folder) + "/", "").replace(str(self.folder), "…")
        text = re.sub(r"/proc/\d+/exe", "the program", text)
        text = re.sub(r"127\.0\.0\.1:\d{3,}", "127.0.0.1:PORT", text)
        return re.sub(r"-\d{8}-\d{6}(-\d+)?", "-…", text)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
