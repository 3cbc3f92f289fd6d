"""The engines as the benchmark sees them: something that takes a turn and gives samples."""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import caches

HERE = pathlib.Path(__file__).resolve().parent


class EngineError(Exception):
    """An engine that cannot take part, and why."""


class Turn:
    """What one turn gave, and how much CPU time others took meanwhile."""

    def __init__(self, samples: list[float], others: float):
        self.samples = samples
        self.others = others


class NTProf:
    """A process for every turn; what it plans or searches stands outside its samples.

    `auto-first` remembers nothing but the roofs, every turn anew; `auto` remembers, every turn, what one run before the
    first turn found, as a user's second run does. The others remember what this machine does.
    """

    def __init__(self, binary: str, mode: str, network: list[str], threads: int, precision: str):
        self.name = f"ntprof {mode}"
        self.mode = mode
        self.command = [
            binary, "profile", *network, "--threads", str(threads), "--precision",
            precision, "--tuning", mode.removesuffix("-first"), "--counters", "none", "--format",
            "json", "--no-save", "--quiet",
        ]
        self.facts: dict = {"engine": self.name}
        self.home: tempfile.TemporaryDirectory | None = None

    def prepare(self, seconds: float) -> None:
        """What happens before the first turn: the first run of a user."""
        if self.mode == "auto":
            self.home = tempfile.TemporaryDirectory(prefix="ntprof-cache-")
            caches.take_roofs(self.home.name)
            self._run(seconds, caches.environment(self.home.name))

    def turn(self, seconds: float, passes: int) -> Turn:
        if self.mode == "auto-first":
            with caches.fresh() as environment:
                return self._run(seconds, environment)
        if self.mode == "auto":
            # A copy: what the second run finds besides is not the third one's.
            with caches.fresh(like=self.home.name if self.home else None) as environment:
                return self._run(seconds, environment)
        return self._run(seconds, None)

    def _run(self, seconds: float, environment: dict[str, str] | None) -> Turn:
        watch = Watch(children=True)
        # Bare and timed passes alternate: twice the time for as many bare ones.
        result = subprocess.run(
            self.command + ["--time", str(2 * seconds)], capture_output=True, text=True,
            env=environment)
        if result.returncode != 0:
            raise EngineError(f"{self.name}: {result.stderr.strip() or result.returncode}")
        record = json.loads(result.stdout)
        self.facts["version"] = record["tool"]["version"]
        self.facts["onednn"] = record["machine"].get("onednn", {})
        self.facts["precision"] = record["options"]["precision"]
        return Turn(record["end_to_end"]["time"]["samples"], watch.others())

    def close(self) -> None:
        if self.home:
            self.home.cleanup()


class Worker:
    """A process that lives as long as its network is measured and sleeps between its turns."""

    def __init__(self, engine: str, model: pathlib.Path, threads: int, precision: str):
        self.name = engine
        # A file, for nobody reads a pipe while the engine works.
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), engine, str(model), str(threads), precision],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.facts = self._answer()

    def prepare(self, seconds: float) -> None:
        """It is ready as soon as it has said what it is."""

    def turn(self, seconds: float, passes: int) -> Turn:
        watch = Watch(pid=self.process.pid)
        question = {"seconds": seconds, "passes": passes, "warmup": 3}
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        samples = self._answer()["samples"]
        turn = Turn(samples, watch.others())
        wait_until_idle(self.process.pid, self.name)
        return turn

    def close(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            error = self.errors.read().strip().splitlines()
            raise EngineError(f"{self.name}: {error[-1] if error else 'ended'}")
        return json.loads(line)


def cpu_time(pid: int) -> float:
    """Seconds of CPU time of all threads of a process that live."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except FileNotFoundError:
            pass
    return total / 1e9


def wait_until_idle(pid: int, name: str, limit: float = 5) -> None:
    """Waits until no thread of a process works or spins any more."""
    end = time.monotonic() + limit
    before = cpu_time(pid)
    while time.monotonic() < end:
        time.sleep(0.03)
        now = cpu_time(pid)
        if now - before < 0.0003:
            return
        before = now
    raise EngineError(f"{name}: still takes CPU time {limit:.0f} s after its turn")


class Watch:
    """CPU time that neither a process nor its children took while it had its turn."""

    def __init__(self, pid: int | None = None, children: bool = False):
        self.pid = pid
        self.begin = time.monotonic()
        self.busy, self.own = machine_busy(), self._own()

    def others(self) -> float:
        """The share of one CPU that others took, the hypervisor's theft included."""
        seconds = time.monotonic() - self.begin
        taken = machine_busy() - self.busy - (self._own() - self.own)
        return max(0.0, taken) / seconds

    def _own(self) -> float:
        if self.pid is not None:
            return cpu_time(self.pid)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime


def machine_busy() -> float:
    """Seconds in which a CPU was not idle, over all CPUs, since boot."""
    fields = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    ticks = [int(field) for field in fields[:8]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
