#!/usr/bin/env python3
"""Fails every system call that ntprof makes, one after the other, in the manner of SQLite's tests.

    Tests/Faults/inject.py .build/debug/ntprof [--most N] [--commands profile,diff,…] [--calls write,…]

For each command and function the n-th call fails, n = 1, 2, 3 … until a run makes fewer calls, or N. Each run
must end by itself, with a documented status and one error where that is not 0, leave no temporary file and
no process, and lose nothing that was measured: the table is printed, or a record lies somewhere. Prints a
table, and the runs that broke a rule; the status is 1 if any did.
"""

import argparse
import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOPOLOGY = """<topology name="narrow" version="1"><param name="units" value="64"/>
<input name="x" shape="4x64" layout="nc"/>
<layer name="a"><fc units="${units}"/><activation kind="relu"/></layer>
<layer name="b"><fc units="16"/></layer></topology>
"""
QUICK = ["--iterations", "4", "--warmup", "1", "--threads", "2"]
COMMANDS = {
    "profile": ["profile", "narrow.xml", *QUICK, "--counters", "none", "--output", "out"],
    "diff": ["diff", "narrow.xml", "narrow.xml:units=32", "--processes", "2", *QUICK, "--counters",
             "none", "--output", "out"],
    "sweep": ["sweep", "narrow.xml", "--set", "units=16,32", "--rounds", "1", *QUICK, "--output", "out"],
    "search": ["profile", "narrow.xml", *QUICK, "--tuning", "search", "--counters", "none", "--output", "out"],
    "report": ["report", "saved.json", "--output", "out"],
    "export": ["export", "narrow.xml", "-o", "out.onnx"],
    "check": ["check", "narrow.xml"],
}
CALLS = {
    "create": [errno.ENOSPC, errno.EACCES], "open": [errno.EMFILE, errno.EIO], "read": [errno.EIO, errno.EINTR],
    "write": [errno.ENOSPC, errno.EIO, errno.EINTR], "fsync": [errno.EIO], "linkat": [errno.EDQUOT],
    "rename": [errno.EIO], "mkdir": [errno.EROFS], "mmap": [errno.ENOMEM], "memalign": [errno.ENOMEM],
    "spawn": [errno.EAGAIN], "thread": [errno.EAGAIN], "fstat": [errno.EIO], "pread": [errno.EIO, errno.EINTR],
}
STICKY = {"write": errno.ENOSPC, "create": errno.ENOSPC, "linkat": errno.EDQUOT, "spawn": errno.EAGAIN}
DOCUMENTED = {0, 64, 65, 66, 69, 70, 73, 74, 75, 130}


class Run:
    """One run with one fault."""

    def __init__(self, tool, library, command, fault, side, cache, saved):
        self.folder = Path(tempfile.mkdtemp(prefix="ntprof-fault-"))
        (self.folder / "narrow.xml").write_text(TOPOLOGY)
        (self.folder / "tmp").mkdir()
        if saved:
            shutil.copy(saved, self.folder / "saved.json")
        own = self.folder / "cache"
        shutil.copytree(cache, own)
        log = self.folder / "log"
        environment = dict(os.environ, LD_PRELOAD=str(library), NTPROF_FAULT=fault, NTPROF_FAULT_LOG=str(log),
                           XDG_CACHE_HOME=str(own), TMPDIR=str(self.folder / "tmp"), SWIFT_BACKTRACE="enable=no",
                           NTPROF_TOPOLOGIES=str(HERE.parent.parent / "topologies"))
        if side:
            environment["NTPROF_FAULT_SIDE"] = side
        self.hung = False
        try:
            done = subprocess.run([tool, *COMMANDS[command]], cwd=self.folder, env=environment, timeout=120,
                                  stdin=subprocess.DEVNULL, capture_output=True)
            self.status, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()
        except subprocess.TimeoutExpired as error:
            self.hung, self.status = True, None
            self.out, self.err = (error.stdout or b"").decode(), (error.stderr or b"").decode()
        self.happened = log.exists() and log.stat().st_size > 0
        files = [p.relative_to(self.folder) for p in self.folder.rglob("*") if p.is_file()]
        self.left = [str(p) for p in files if p.name.startswith(".ntprof")]
        self.documents = [p for p in files if p.suffix == ".json" and p.parts[0] in ("out", "tmp")
                          or p.suffix == ".json" and len(p.parts) == 1 and p.name != "saved.json"]
        self.broken = [str(p) for p in self.documents if not (self.folder / p).read_text().rstrip().endswith("}")]
        self.fault, self.command = fault, command

    def faults(self):
        """The rules it broke."""
        if self.hung:
            yield "hangs"
            return
        if self.status < 0:
            yield f"killed by signal {-self.status}"
            return
        if self.status not in DOCUMENTED:
            yield f"status {self.status}"
        said = re.findall(r"error: ", self.err)
        if self.status and not said:
            yield f"status {self.status} without a message"
        if self.left:
            yield f"leaves {', '.join(self.left)}"
        if self.broken:
            yield f"half of {', '.join(self.broken)}"
        measures = self.command in ("profile", "diff", "sweep", "search")
        if measures and self.status in (73, 74) and not self.out and not self.documents and "measured" in self.err:
            yield "what was measured is lost"
        if self.status == 0 and measures and not self.out:
            yield "status 0 without a table"

    def message(self):
        lines = [line for line in self.err.splitlines() if "error: " in line]
        return re.sub(r"/\S*ntprof-fault-\w+", "…", lines[-1])[:100] if lines else ""

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--most", type=int, default=10_000)
    parser.add_argument("--commands", default=",".join(COMMANDS))
    parser.add_argument("--calls", default=",".join(CALLS))
    arguments = parser.parse_args()
    tool = str(Path(arguments.tool).resolve())
    work = Path(tempfile.mkdtemp(prefix="ntprof-faults-"))
    library = work / "faults.so"
    subprocess.run([shutil.which("cc") or "clang", "-shared", "-fPIC", "-O1", "-o", library, HERE / "faults.c", "-ldl"],
                   check=True)
    cache = work / "cache"
    cache.mkdir()
    (work / "narrow.xml").write_text(TOPOLOGY)
    # One run without faults: what is calibrated once need not be in every other one.
    subprocess.run([tool, *COMMANDS["profile"]], cwd=work, env=dict(os.environ, XDG_CACHE_HOME=str(cache)),
                   check=True, capture_output=True)
    saved = next((work / "out").glob("*.json"))
    bad = runs = 0
    print(f"{'command':8} {'call':9} {'error':8} {'side':7} {'n':>4}  statuses; the last message")
    for command in arguments.commands.split(","):
        sides = ["parent", "child"] if command in ("diff", "sweep", "search") else [None]
        for call in arguments.calls.split(","):
            cases = [(code, "") for code in CALLS[call]] + ([(STICKY[call], "+")] if call in STICKY else [])
            for code, plus in cases:
                for side in sides:
                    reached, statuses, message = 0, {}, ""
                    for n in range(1, arguments.most + 1):
                        run = Run(tool, library, command, f"{call}:{n}{plus}:{code}", side, cache, saved)
                        runs += 1
                        for fault in run.faults():
                            bad += 1
                            print(f"! {command} {side or ''} {run.fault}: {fault} [{run.status}] {run.message()}", flush=True)
                        statuses[run.status] = statuses.get(run.status, 0) + 1
                        message = run.message() or message
                        happened = run.happened
                        run.close()
                        if not happened:
                            break
                        reached = n
                    if reached:
                        counts = ", ".join(f"{status}×{count}" for status, count in sorted(statuses.items(), key=str))
                        print(f"{command:8} {call:9} {errno.errorcode[code] + plus:8} {side or '':7} {reached:>4}  "
                              f"{counts}; {message}", flush=True)
    print(f"{runs} runs, {bad} broke a rule")
    shutil.rmtree(work, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
