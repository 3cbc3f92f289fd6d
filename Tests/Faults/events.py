#!/usr/bin/env python3
"""Has things happen to running ntprofs: full disks, signals, limits, collectors that lie, other runs beside them.

    Tests/Faults/events.py .build/debug/ntprof [--seconds 600] [--events disk,signals,…] [--seed N]

Each run has to keep the rules of `outcome.py`. What happens at a random moment happens again and again until the
seconds are over: a signal under a command takes about a second, all signals under all commands 20 minutes. Results
are added to --results, of which `table.py` makes docs/faults.md. Events that this machine does not let happen
(cgroups, name spaces need root) are left out, and said.
"""

import argparse
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from outcome import COMMANDS, MEASURING, Bench, Run, ends, session, whole  # noqa: E402

LONG = ["profile", "narrow.xml", "--time", "1.5", "--warmup", "1", "--threads", "1", "--tuning", "fast", "--counters", "none",
        "--output", "out", "--format", "table"]
PRIVATE = "exec unshare -m bash -c '{}\nexec \"$@\"' bash \"$@\"\n"


def tmpfs(size):
    """Mounts a small disk at the folder of the results, for the run alone, and copies what is in it out at the end."""
    return (f"exec unshare -m bash -c 'mkdir out; mount -t tmpfs -o size={size} none out\n\"$@\"; status=$?\n"
            "mkdir kept; cp -a out/. kept; umount out; rmdir out; rmdir kept 2>/dev/null; exit $status' bash \"$@\"\n")


# No other place takes a file either: all that is left is standard output.
NOWHERE = ("exec 9<\"$1\"; shift; mkdir out; exec unshare -m bash -c 'mount --bind . /mnt && mount -o remount,bind,ro /mnt\n"
           "mount -t tmpfs -o size=4k none /mnt/out; cd /mnt; mount -t tmpfs -o ro none /tmp\n"
           "export TMPDIR=/proc HOME=/proc XDG_CACHE_HOME=/mnt/cache\n/proc/self/fd/9 \"$@\"; status=$?\n"
           "umount /mnt/out; exit $status' bash \"$@\"\n")


def disk():
    """Disks that are full from some size on."""
    for size in ("4k", "8k", "16k", "64k", "200k", "270k"):
        for command in ("profile", "diff", "sweep"):
            yield f"disk of {size} at --output", command, dict(before=tmpfs(size))
    for command in ("profile", "diff", "sweep", "search"):
        yield "disk of 4k at --output, and no other place can be written", command, dict(before=NOWHERE, mounted=True)
    for command in ("export", "import", "run"):
        here = ("exec unshare -m bash -c 'mkdir small; cp *.* small; mount -t tmpfs -o size=12k none small\n"
                "cp narrow.xml tiny.onnx tiny-input.npy small; cd small; exec \"$@\"' bash \"$@\"\n")
        yield "disk of 12k for all files", command, dict(before=here)
    for blocks in (0, 1, 4, 16, 200):
        for command in ("profile", "sweep", "export", "import"):
            yield f"ulimit -f {blocks}", command, dict(
                before=f"exec > >(cat) 2> >(cat >&2); ulimit -f {blocks}")
    for command in ("profile", "diff", "sweep", "report", "check", "show", "machine", "import", "export"):
        yield "standard output is full", command, dict(before="exec >/dev/full")
        yield "standard output is closed", command, dict(before="exec >&-")
        yield "all three descriptors are closed", command, dict(before="exec <&- >&- 2>&-", mute=True)


def moment(change, dice, most=1.2):
    """Has `change` happen at a random moment of a run."""
    def event(process, run):
        if not ends(process.pid, dice.random() * most):
            change(process, run)
    return event


def folders(dice):
    """The folder of the results vanishes, is replaced, or cannot be written any longer."""
    def remove(_, run):
        shutil.rmtree(run.folder / "out", ignore_errors=True)

    def replace(_, run):
        shutil.rmtree(run.folder / "out", ignore_errors=True)
        (run.folder / "out").write_text("")

    def here(_, run):
        os.rename(run.folder, str(run.folder) + "-moved")
        run.folder = Path(str(run.folder) + "-moved")

    def cache(_, run):
        shutil.rmtree(run.folder / "cache", ignore_errors=True)

    def temporary(_, run):
        shutil.rmtree(run.folder / "tmp", ignore_errors=True)

    for words, change in (("--output is removed", remove), ("--output becomes a file", replace),
                          ("the current folder is renamed", here), ("the cache is removed", cache),
                          ("TMPDIR is removed", temporary)):
        for command in ("profile", "diff", "sweep", "search"):
            yield words, command, dict(event=moment(change, dice))


# Those that stop a process are followed by SIGCONT.
STOPS = {signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}


def name_of(number):
    """A signal's name; those of the real-time range go from SIGRTMIN on."""
    if signal.SIGRTMIN < number < signal.SIGRTMAX:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"
    return signal.Signals(number).name


def signals(dice):
    """Every signal at random moments of every command, to the process and to its group: each pair once before any again."""
    pairs = [(number, command) for number in sorted(signal.valid_signals()) for command in COMMANDS]
    while True:
        dice.shuffle(pairs)
        for number, command in pairs:
            group, twice = dice.random() < 0.4, dice.random() < 0.2

            def send(process, _, number=number, group=group, twice=twice):
                order = [number] * (2 if twice else 1)
                if number in STOPS:
                    order += [signal.SIGCONT]
                for which in order:
                    try:
                        (os.killpg if group else os.kill)(process.pid, which)
                    except ProcessLookupError:
                        pass
                    if number in STOPS:
                        ends(process.pid, 0.1)

            words = name_of(number) + (" to the group" if group else "") + (", twice" if twice else "")
            words += " and SIGCONT" if number in STOPS else ""
            yield words, command, dict(event=moment(send, dice, 1.0 if command in MEASURING else 0.3), ends={-number, 0, 130})


def children(dice):
    """Children are ended at random moments."""
    numbers = [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGINT, signal.SIGHUP]
    while True:
        number, command = dice.choice(numbers), dice.choice(["diff", "sweep", "search", "watch", "auto", "profile"])
        all_of_them = dice.random() < 0.15

        def end(process, run, number=number, all_of_them=all_of_them):
            run.fired = ""
            limit = time.monotonic() + 3
            # Nobody is told of a process that begins: it is looked for until the run ends.
            while not ends(process.pid, 0.002) and time.monotonic() < limit:
                for child in session(process.pid):
                    if child != process.pid:
                        try:
                            os.kill(child, number)
                            run.fired = "child"
                        except ProcessLookupError:
                            pass
                        if not all_of_them:
                            return
                        limit = time.monotonic() + 30

        yield f"{'each child' if all_of_them else 'a child'} gets {number.name}", command, dict(event=moment(end, dice, 1.0))


def limits():
    """Limits of the shell."""
    for kilobytes in (20_000, 60_000, 100_000, 150_000, 200_000, 300_000, 400_000, 600_000, 1_000_000, 2_000_000):
        for command in ("profile", "diff", "check", "search"):
            yield f"ulimit -v {kilobytes}", command, dict(before=f"ulimit -v {kilobytes}", loads=True)
    for files in (3, 4, 5, 6, 8, 10, 12, 16, 24, 64):
        for command in ("profile", "diff", "sweep", "search", "check", "export", "team"):
            yield f"ulimit -n {files}", command, dict(before=f"ulimit -n {files}", loads=True)
    for kilobytes in (64, 256, 1024):
        for command in ("profile", "diff", "check"):
            yield f"ulimit -s {kilobytes}", command, dict(before=f"ulimit -s {kilobytes}", loads=True)
    for command in ("profile", "diff"):
        yield "ulimit -t 1", command, dict(
            before="ulimit -t 1", arguments=LONG if command == "profile" else None, ends={-signal.SIGXCPU, -signal.SIGKILL})
        yield "ulimit -l 0", command, dict(before="ulimit -l 0")
        yield "ulimit -c unlimited", command, dict(before="ulimit -c unlimited")
    for stack in ("9000G", "16B", "nonsense", "99999999999999999999"):
        yield f"OMP_STACKSIZE={stack}", "team", dict(environment={"OMP_STACKSIZE": stack})
    for name, value in (("OMP_NUM_THREADS", "0"), ("OMP_NUM_THREADS", "1"), ("OMP_THREAD_LIMIT", "1"), ("OMP_PROC_BIND", "true"),
                        ("OMP_PLACES", "{99}"), ("OMP_WAIT_POLICY", "passive"), ("OMP_DYNAMIC", "true"), ("ONEDNN_VERBOSE", "2"),
                        ("DNNL_VERBOSE", "2"), ("ONEDNN_MAX_CPU_ISA", "SSE41"), ("MALLOC_ARENA_MAX", "1"), ("TMPDIR", "/nonexistent"),
                        ("HOME", "/nonexistent"), ("XDG_CACHE_HOME", "/dev/null"), ("LC_ALL", "xx_XX"), ("TZ", "nowhere/at/all"),
                        ("PATH", "/nonexistent"), ("COLUMNS", "-3"), ("NTPROF_PROGRESS", "nan")):
        yield f"{name}={value}", "team", dict(environment={name: value})


def groups():
    """Limits of cgroups, of either version."""
    for place in (1, 2, 3, 4, 6):
        for command in ("team", "diff", "search", "profile"):
            yield f"pids.max={place}", command, dict(group=("pids", "pids.max", "pids.max", place))
    for mebibytes in (8, 16, 24, 32, 48, 64, 128):
        for command in ("profile", "diff", "search"):
            yield f"memory.max={mebibytes}M", command, dict(
                group=("memory", "memory.max", "memory.limit_in_bytes", mebibytes << 20), ends={-signal.SIGKILL})


class Group:
    """A control group of ours, of which a run is a member from its start."""

    def __init__(self, controller, name, name_in_1, value):
        root = Path("/sys/fs/cgroup")
        if (root / "cgroup.controllers").exists():
            self.path = root / f"ntprof-faults-{os.getpid()}"
        else:
            self.path, name = root / controller / f"ntprof-faults-{os.getpid()}", name_in_1
        self.path.mkdir()
        (self.path / name).write_text(str(value))

    def before(self):
        """Has the shell become a member; of one process more, which it then is itself."""
        return f"echo $$ >{self.path}/cgroup.procs"

    def close(self):
        while members := (self.path / "cgroup.procs").read_text().split():
            if not ends(int(members[0]), 60):
                raise SystemExit(f"{self.path}: process {members[0]} does not end")
        self.path.rmdir()


def surroundings():
    """Machines without what others have."""
    places = [("/proc is empty", "mount -t tmpfs none /proc"), ("/sys is empty", "mount -t tmpfs none /sys"),
              ("/dev is empty", "mount -t tmpfs none /dev"), ("/tmp cannot be written", "mount -o bind,ro /usr /tmp"),
              ("no Chart.js, no Graphviz, no callgrind", "mount -t tmpfs none /usr/share; mount -t tmpfs none /usr/bin")]
    for words, mounts in places:
        for command in ("profile", "diff", "check", "export", "machine", "report"):
            if "/tmp" not in words:
                yield words, command, dict(before=PRIVATE.format(mounts))
    for command in COMMANDS:
        yield "SIGCHLD is ignored", command, dict(before="trap '' CHLD")
        yield "all signals are blocked", command, dict(wrap=["python3", "-c", (
            "import os,signal,sys; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); os.execv(sys.argv[1], sys.argv[1:])")])
        yield "the current folder is removed", command, dict(
            before="mkdir gone; cp *.* gone; cd gone; rm -r ../gone", noinput=True)
    yield "the program's file is removed", "diff", dict(removed=True)


def affinity(dice):
    """All threads of a run are moved to one CPU, or about."""
    cpus = sorted(os.sched_getaffinity(0))
    while True:
        command = dice.choice(["team", "profile", "diff", "sweep"])

        def move(process, run):
            for _ in range(dice.choice([1, 20])):
                to = {dice.choice(cpus)}
                for task in [process.pid, *session(process.pid)]:
                    try:
                        for thread in os.listdir(f"/proc/{task}/task"):
                            os.sched_setaffinity(int(thread), to)
                    except OSError:
                        pass
                if ends(process.pid, 0.01):
                    break

        yield "all threads are moved to one CPU", command, dict(
            event=moment(move, dice), arguments=LONG if command == "profile" else None)


class Liar:
    """A collector that misbehaves."""

    def __init__(self, behaviour):
        self.behaviour, self.socket = behaviour, socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(4)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/v1/traces"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(client,), daemon=True).start()

    def answer(self, client):
        try:
            self.behaviour(client)
        except OSError:
            pass
        client.close()


def read_all(client):
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            return
        data += more
    length = int(re.search(rb"Content-Length: (\d+)", data)[1])
    left = length - len(data.split(b"\r\n\r\n", 1)[1])
    while left > 0:
        more = client.recv(65536)
        if not more:
            return
        left -= len(more)


def leaves(client, seconds):
    """Whether a client closes its side within so many seconds."""
    poll = select.poll()
    poll.register(client, select.POLLRDHUP)
    return bool(poll.poll(seconds * 1000))


def say(*parts, pause=0.0, reads=True):
    """Sends parts, one each `pause` seconds, until the client has left."""
    def behave(client):
        if reads:
            read_all(client)
        for part in parts:
            client.sendall(part)
            if pause and leaves(client, pause):
                break
    return behave


def endless(part, pause=0.0):
    def behave(client):
        read_all(client)
        end = time.monotonic() + 60
        while time.monotonic() < end and not leaves(client, pause):
            client.sendall(part)
    return behave


def hang(reads):
    def behave(client):
        if reads:
            read_all(client)
        leaves(client, 60)
    return behave


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


OK = b"HTTP/1.1 200 OK\r\n"
LIES = {
    "takes nothing and says nothing": (hang(reads=False), 74),
    "takes all and says nothing": (hang(reads=True), 74),
    "drips a byte a second": (say(*[bytes([c]) for c in OK + b"\r\n" * 40], pause=1, reads=False), 74),
    "drips its answer's body": (say(OK + b"Content-Length: 99\r\n\r\n", *[b"x"] * 60, pause=1), 74),
    "closes at once": (lambda client: None, 74),
    "resets at once": (reset, 74),
    "says 200 and breaks off in the head": (say(b"HTTP/1.1 200 OK\r\nContent-Le"), 74),
    "breaks off in the body": (say(OK + b"Content-Length: 100\r\n\r\n{\"partialSucc"), 74),
    "breaks off in a chunk": (say(OK + b"Transfer-Encoding: chunked\r\n\r\n40\r\n{\"partialSucc"), 74),
    "gives a length that is none": (say(OK + b"Content-Length: -5\r\n\r\n{}"), {0, 74}),
    "gives two lengths": (say(OK + b"Content-Length: 2\r\nContent-Length: 9999\r\n\r\n{}"), {0, 74}),
    "gives a length of 2^70": (say(OK + b"Content-Length: 1180591620717411303424\r\n\r\n{}"), {0, 74}),
    "sends chunks of 2^60": (say(OK + b"Transfer-Encoding: chunked\r\n\r\n1000000000000000\r\nx"), 74),
    "sends an endless head": (endless(b"X: y\r\n"), 74),
    "sends an endless body": (endless(b"x" * 65536), 74),
    "says 100 for ever": (endless(b"HTTP/1.1 100 Continue\r\n\r\n"), 74),
    "says 100 slowly for ever": (endless(b"HTTP/1.1 100 Continue\r\n\r\n", 1), 74),
    "speaks no HTTP": (say(b"\x16\x03\x01\x02\x00\x01\x00" * 100), 74),
    "says 200 with HTML": (say(OK + b"Content-Length: 15\r\n\r\n<html>hi</html>"), {0, 74}),
    "says 299": (say(b"HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n"), 0),
    "redirects to itself": (say(b"HTTP/1.1 307 T\r\nLocation: /v1/traces\r\nContent-Length: 0\r\n\r\n"), 74),
    "says 500 with escapes": (say(b"HTTP/1.1 500 No\r\nContent-Length: 8\r\n\r\n\x1b[31mred\0"), 74),
    "answers before it has read": (say(b"HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n", reads=False), 74),
}


def collectors():
    """Collectors that hang, drip or lie."""
    for words, (behaviour, status) in LIES.items():
        yield f"the collector {words}", "publish", dict(liar=behaviour, expects=status)
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for client in waiting:
        client.setblocking(False)
        client.connect_ex(full.getsockname())
    yield "the collector takes no connection", "publish", dict(
        url=f"http://127.0.0.1:{full.getsockname()[1]}/v1/traces", expects=74)
    yield "nobody listens", "publish", dict(url="http://127.0.0.1:1/v1/traces", expects=74)
    yield "the host has no name", "publish", dict(url="http://no.such.host.invalid/v1/traces", expects=74)


def together(bench, command, count):
    """So many runs at once in one folder and one cache; rows as for one."""
    cache = bench.work / "shared"
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir()
    folder = bench.work / "together"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(bench.inputs, folder)
    environment = dict(os.environ, XDG_CACHE_HOME=str(cache), TMPDIR=str(folder), COLUMNS="120")
    runs = [subprocess.Popen([bench.tool, *COMMANDS[command]], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(count)]
    ended = [(run.communicate(timeout=600), run.returncode) for run in runs]
    broke = [f"status {status}: {err.decode()[-200:]}" for (_, err), status in ended if status]
    made = [p for p in folder.rglob("*.json") if p.name != "saved.json"]
    kept = {"profile": count, "search": count, "diff": count * 3, "sweep": count}[command]
    if len(made) != kept:
        broke.append(f"{len(made)} documents and not {kept}")
    broke += [f"half of {p.name}" for p in [*made, *cache.rglob("*.json")] if not whole(p)]
    broke += [f"leaves {p.name}" for p in [*folder.rglob(".ntprof*"), *cache.rglob(".ntprof*")]]
    return {"event": f"{count} at once, one cache and one folder", "command": command, "status": max(s for _, s in ended),
            "message": "", "kept": ["table", "record"], "broke": broke, "fired": True}


def perform(bench, words, command, how):
    """One event; its row."""
    if command not in bench.prepared:
        bench.prepared.add(command)
        bench.collector = "http://127.0.0.1:1/"
        if command != "publish":
            bench.prepare(command)
    liar = Liar(how["liar"]) if "liar" in how else None
    group = Group(*how["group"]) if "group" in how else None
    arguments, before = how.get("arguments"), how.get("before", "")
    if liar or "url" in how:
        bench.collector = liar.url if liar else how["url"]
    if group:
        before = group.before()
    if "wrap" in how:
        arguments = arguments or COMMANDS[command]
    tool = bench.tool
    event = how.get("event")
    if how.get("removed"):
        bench.tool = str(bench.work / "mine")
        shutil.copy(tool, bench.tool)

        def event(process, _):
            # Once it has started a process it will start others.
            while len(session(process.pid)) < 2 and not ends(process.pid, 0.002):
                pass
            os.unlink(bench.work / "mine")
    if "wrap" in how:
        before = " ".join(f"'{word}'" if " " in word else word for word in how["wrap"])
        before = 'exec ' + before + ' "$@"'
    if not before and not how.get("environment") and not event and not liar and "url" not in how:
        raise ValueError(words)
    begin = time.monotonic()
    run = Run(bench, command, how.get("environment"), before=before, event=event, arguments=arguments)
    took = time.monotonic() - begin
    bench.tool = tool
    broke = list(run.faults(how.get("ends", ())))
    if how.get("mounted"):
        broke = [b for b in broke if "empty folder out" not in b]
    if how.get("mute"):
        broke = [b for b in broke if "without a message" not in b]
    if how.get("loads") and run.status == 127 and "shared librar" in run.err:
        broke = []  # the loader, before the program began
    if how.get("noinput") and run.status in (66, 73):
        broke = []
    if run.left and how.get("ends") and run.status == -signal.SIGKILL:
        broke = [b for b in broke if not b.startswith("leaves tmp/")]
    expects = how.get("expects")
    if expects is not None and run.status not in (expects if isinstance(expects, set) else {expects}):
        broke.append(f"status {run.status} and not {expects}")
    if (liar or "url" in how) and took > 20:
        broke.append(f"took {took:.0f} s")
    row = {"event": words, "command": command, "status": run.status, "message": run.message(), "kept": run.kept(),
           "broke": broke, "fired": getattr(run, "fired", "yes") != ""}
    if broke:
        print(f"! {words}, {command} [{run.status}] {'; '.join(broke)}: {run.err[-600:]}", flush=True)
    run.close()
    if liar:
        liar.socket.close()
    if group:
        group.close()
    return row


EVENTS = ["disk", "folders", "signals", "children", "limits", "groups", "surroundings", "affinity", "collectors", "together"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--seconds", type=float, default=300, help="for what happens at random moments, each")
    parser.add_argument("--events", default="all")
    parser.add_argument("--results", default=".build-faults/events.jsonl")
    parser.add_argument("--seed", type=int, help="of the moments and of what is sent when; that of the clock if none is given")
    parser.add_argument("--only", default="", help="words that the event's name holds")
    parser.add_argument("--command", default="")
    arguments = parser.parse_args()
    seed = time.time_ns() & 0xFFFF_FFFF if arguments.seed is None else arguments.seed
    print(f"seed {seed}")
    dice = random.Random(seed)
    bench = Bench(arguments.tool)
    bench.prepared = set()
    results = Path(arguments.results)
    results.parent.mkdir(parents=True, exist_ok=True)
    bad = runs = 0
    with results.open("a") as file:
        def keep(row, name):
            nonlocal bad, runs
            runs += 1
            bad += bool(row["broke"])
            file.write(json.dumps(dict(row, kind=name)) + "\n")
            file.flush()

        for name in EVENTS if arguments.events == "all" else arguments.events.split(","):
            begin = time.monotonic()
            if name == "together":
                for command in ("profile", "search", "diff", "sweep"):
                    row = together(bench, command, 4)
                    if row["broke"]:
                        print(f"! {row['event']}, {command}: {row['broke']}", flush=True)
                    keep(row, name)
                continue
            maker = globals()[name]
            endless_kind = name in ("signals", "children", "affinity", "folders")
            events = maker(dice) if endless_kind else maker()
            while True:
                events = maker(dice) if name == "folders" else events
                ended = True
                for words, command, how in events:
                    ended = False
                    if endless_kind and time.monotonic() - begin > arguments.seconds:
                        break
                    if arguments.only not in words or arguments.command not in command:
                        continue
                    try:
                        keep(perform(bench, words, command, how), name)
                    except PermissionError as error:
                        print(f"{name} is left out here: {error}")
                        break
                if not endless_kind or ended or time.monotonic() - begin > arguments.seconds:
                    break
    print(f"{runs} runs, {bad} broke a rule; results in {results}")
    bench.close()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
