#!/usr/bin/env python3
"""Fails the calls of C functions that ntprof makes, one after the other, in the manner of SQLite's tests.

    Tests/Faults/inject.py .build/debug/ntprof [--seconds 600] [--calls write,dnnl_…] [--commands profile,…]

A run of each command is counted first: which function of oneDNN, PAPI, libxml2, libcurl or the system it calls
how often, and from where. Then the n-th call fails, with each error in turn that it can give: the first and the
last from every place, then n = 1, 2, 3 … until the run makes no such call and has to pass, until the seconds are
over; all functions take turns. Each run must end by itself with a documented status and one message where that
is not 0, leave no temporary file, empty folder or process, and be right where it says 0.

Results are added to --results, by which later runs go on where this one stopped. Prints what broke a rule;
the status is 1 if anything did.
"""

import argparse
import collections
import errno
import http.server
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from outcome import COMMANDS, TIMED, Bench, Run  # noqa: E402

HERE = Path(__file__).resolve().parent
E = errno
LESS, END = 0, "end"
ERRORS = {
    "create": [E.ENOSPC, E.EACCES, E.EROFS, E.EMFILE], "open": [E.EMFILE, E.EACCES, E.EIO, E.ENOENT, E.EINTR],
    "read": [E.EIO, E.EINTR, LESS, END], "pread": [E.EIO, E.EINTR, LESS, END],
    "write": [E.ENOSPC, E.EIO, E.EINTR, LESS], "pwrite": [E.EIO, E.EINTR], "sendfile": [E.EINVAL, E.EIO, E.EINTR],
    "lseek": [E.ESPIPE], "close": [E.EIO, E.EINTR], "fsync": [E.EIO, E.ENOSPC, E.EINTR], "ftruncate": [E.EIO, E.EFBIG],
    "access": [E.EACCES], "stat": [E.EACCES, E.EIO, E.ENOENT], "lstat": [E.EIO], "fstat": [E.EIO], "fstatat": [E.EIO],
    "rename": [E.EIO, E.ENOSPC], "link": [E.EDQUOT], "linkat": [E.EDQUOT, E.ENOENT, E.EXDEV, E.EPERM],
    "unlink": [E.EBUSY], "unlinkat": [E.EBUSY], "mkdir": [E.EROFS, E.ENOSPC], "rmdir": [E.EBUSY], "mkdtemp": [E.EACCES],
    "readlink": [E.EACCES], "realpath": [E.EACCES], "getcwd": [E.ENOENT], "opendir": [E.EMFILE], "readdir": [E.EIO],
    "fopen": [E.EMFILE], "dup": [E.EMFILE], "dup2": [E.EBUSY], "fcntl": [E.EBADF], "ioctl": [E.ENOTTY],
    "pipe": [E.EMFILE], "pipe2": [E.EMFILE], "poll": [E.EINTR, E.ENOMEM], "waitpid": [E.EINTR, E.ECHILD],
    "kill": [E.ESRCH, E.EPERM], "prctl": [E.EINVAL], "posix_spawn": [E.EAGAIN, E.ENOMEM, E.ENOENT, E.EACCES],
    "pthread_create": [E.EAGAIN], "pthread_sigmask": [E.EINVAL], "mmap": [E.ENOMEM, E.EPERM], "mprotect": [E.ENOMEM, E.EACCES],
    "munmap": [E.EINVAL], "madvise": [E.EINVAL], "posix_memalign": [E.ENOMEM], "malloc": [E.ENOMEM], "calloc": [E.ENOMEM],
    "realloc": [E.ENOMEM], "strdup": [E.ENOMEM], "perf_event_open": [E.EACCES, E.ENOENT, E.EMFILE, E.ENOSYS],
    "memfd_create": [E.EMFILE, E.ENFILE, E.ENOSYS], "pidfd_open": [E.ENOSYS, E.EMFILE], "getcpu": [E.ENOSYS],
    "sched_setaffinity": [E.EINVAL, E.EPERM], "sched_getaffinity": [E.EINVAL], "getrandom": [E.ENOSYS],
    "sysconf": [E.EINVAL], "sysinfo": [E.EFAULT], "getrusage": [E.EFAULT], "setrlimit": [E.EPERM], "dlopen": [E.ENOENT],
    "setenv": [E.ENOMEM], "getaddrinfo": [-3, -2, -10], "socket": [E.EMFILE, E.EAFNOSUPPORT], "socketpair": [E.EMFILE],
    "connect": [E.ECONNREFUSED, E.EINTR, E.ENETUNREACH], "getsockopt": [E.ENOBUFS],
    "send": [E.ECONNRESET, E.EPIPE, E.EINTR, LESS], "recv": [E.ECONNRESET, E.EINTR, LESS, END],
}
# From then on all of them: a disk that is full stays full.
LASTING = {"write": E.ENOSPC, "create": E.ENOSPC, "linkat": E.EDQUOT, "posix_spawn": E.EAGAIN, "fsync": E.EIO,
           "open": E.EMFILE, "memfd_create": E.EMFILE, "mmap": E.ENOMEM, "posix_memalign": E.ENOMEM,
           "pthread_create": E.EAGAIN, "waitpid": E.ECHILD, "read": E.EIO, "perf_event_open": E.EACCES,
           "curl_easy_perform": 7}
# Nothing is said of these in the wild: they cannot fail with the arguments that are passed.
SPARED = {"clock_gettime", "usleep", "isatty", "strdup"}
# What of a library has no failure, or is no more than its end.
HARMLESS = re.compile(
    r"2str|_destroy|_equal|_size$|version|effective|strerror|xmlFree|xmlSchemaFree|xmlInitParser|InitTypes|xmlDetect"
    r"|StructuredError|xmlStopParser|xmlMemSetup|CloseFunc|xmlBufferFree|xmlBufferLength|curl_easy_cleanup|curl_slist_free_all")
POINTERS = {"PAPI_get_component_info", "dnnl_primitive_desc_iterator_fetch", "dnnl_primitive_desc_query_md",
            "curl_easy_init", "curl_slist_append"}
STATUSES = {"dnnl": [1, 3, 5], "PAPI": [-2, -8, -25]}  # no memory, unimplemented, runtime; ENOMEM, ECNFLCT, ECMP_DISABLED
# libcurl's codes, by the functions that can give them.
CURL = {2: "FAILED_INIT", 6: "COULDNT_RESOLVE_HOST", 7: "COULDNT_CONNECT", 8: "WEIRD_SERVER_REPLY", 18: "PARTIAL_FILE",
        23: "WRITE_ERROR", 27: "OUT_OF_MEMORY", 28: "OPERATION_TIMEDOUT", 35: "SSL_CONNECT_ERROR",
        43: "BAD_FUNCTION_ARGUMENT", 48: "UNKNOWN_OPTION", 52: "GOT_NOTHING", 55: "SEND_ERROR", 56: "RECV_ERROR",
        60: "PEER_FAILED_VERIFICATION", 77: "SSL_CACERT_BADFILE"}
CURL_ERRORS = {"curl_global_init": [2, 27], "curl_easy_setopt": [27, 48, 43], "curl_easy_getinfo": [48, 43],
               "curl_easy_perform": [7, 28, 56, 52, 18, 27, 6, 55, 23, 35, 60, 77, 8]}


def errors_of(call):
    """The errors that a call is made to fail with."""
    if call in POINTERS:
        return [E.ENOMEM]
    if call.startswith("dnnl_"):
        return STATUSES["dnnl"]
    if call.startswith("PAPI_"):
        return STATUSES["PAPI"]
    if call.startswith("curl_"):
        return CURL_ERRORS.get(call, [])
    return [E.ENOMEM] if call.startswith("xml") else ERRORS.get(call, [])


def library(tool, folder):
    """Builds the library that fails calls, for the functions that the program asks for."""
    names = subprocess.run(["nm", "-D", "--undefined-only", tool], check=True, capture_output=True, text=True).stdout
    lines = []
    for name in sorted({line.split()[-1].split("@")[0] for line in names.splitlines() if line.strip()}):
        if not re.match(r"dnnl_|PAPI_|xml|curl_", name) or HARMLESS.search(name):
            continue
        kind = "STATUS"
        if name in POINTERS:
            kind = "POINTER"
        elif name.startswith("xml"):
            kind = "MINUS" if re.search(r"Validate|Consumed|InFunc|BufferAdd", name) else "POINTER"
        lines.append(f"CALL({name}, {kind})\n")
    (folder / "libraries.h").write_text("".join(lines))
    # Where the functions of the shims lie in the program, and how long they are.
    defined = subprocess.run(["nm", "-S", "--defined-only", tool], check=True, capture_output=True, text=True).stdout
    places = re.findall(r"^(\w+) (\w+) t (?:cdnnl|cpapi|cmachine|clibxml|ccurl)\w*$", defined, re.MULTILINE)
    (folder / "shims.h").write_text("".join(f"{{0x{start}, 0x{size}}},\n" for start, size in places))
    made = folder / "faults.so"
    subprocess.run([shutil.which("clang") or "cc", "-shared", "-fPIC", "-O1", "-fno-builtin", "-I", folder, "-o", made,
                    HERE / "faults.c", "-ldl"], check=True)
    return str(made)


def counts(bench, command, preload):
    """What a run calls: {(role, call): (most in one process, {place: (first, last)})}."""
    bench.prepare(command)
    folder = bench.work / "counts"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    run = Run(bench, command, {"LD_PRELOAD": preload, "NTPROF_FAULT_COUNTS": str(folder)})
    broken = list(run.faults())
    run.close()
    if run.status != 0 or broken:
        raise SystemExit(f"{command} does not pass while it is counted: {run.status} {broken} {run.err}")
    found = {}
    for path in folder.iterdir():
        role, data = path.name.rsplit(".", 1)[0], path.read_bytes()
        for place in range(0, len(data), 64):
            name, site, used, first, latest = struct.unpack_from("40sIIQQ", data, place)
            if used:
                most, sites = found.get((role, name.rstrip(b"\0").decode()), (0, {}))
                begin, end = sites.get(site, (first, latest))
                sites[site] = (min(begin, first), max(end, latest))
                found[(role, name.rstrip(b"\0").decode())] = (max(most, latest), sites)
    return found


def cases(found, dice):
    """The faults of one command, by role and call: n = 1, then the first and last of each place in a random order;
    then n = 1, 2, 3 … with errors that take turns; then each n with each error that it has not failed with.

    An n beyond what was counted comes early, and the first one at the end: those runs have to pass.
    """
    for (role, call), (most, sites) in sorted(found.items()):
        errors = errors_of(call)
        if not errors or call in SPARED:
            continue
        queue = {}
        ends = {n for first, last in sites.values() for n in (first, last)}
        for turn, n in enumerate([1] + dice.sample(sorted(ends - {1}), len(ends - {1}))):
            # All errors at the first few places, then they take turns.
            for step, code in enumerate(errors):
                if turn < 3 or step == turn % len(errors):
                    queue[n, "", code] = None
            if call in LASTING and turn < 3:
                queue[n, "+", LASTING[call]] = None
            if turn == 1:
                queue[most * 4 + 1000, "", errors[0]] = None
        queue[most * 4 + 1000, "", errors[0]] = None
        for n in range(1, most + 1):
            queue[n, "", errors[n % len(errors)]] = None
        for n in range(1, most + 1):
            for code in errors:
                queue[n, "", code] = None
        queue[most + 1, "", errors[0]] = None
        yield (role, call, most, len(sites)), collections.deque(queue)


def name_of(call, code):
    """An error as its header names it."""
    if code == LESS and call in ("read", "write", "pread", "send", "recv"):
        return "less"
    if code == END:
        return "end"
    if call in POINTERS:
        return "null"
    if call.startswith("dnnl_"):
        return {1: "out_of_memory", 3: "unimplemented", 5: "runtime_error"}[code]
    if call.startswith("PAPI_"):
        return {-2: "ENOMEM", -8: "ECNFLCT", -25: "ECMP_DISABLED"}[code]
    if call.startswith("curl_"):
        return CURL[code]
    if call == "getaddrinfo":
        return {-3: "EAI_AGAIN", -2: "EAI_NONAME", -10: "EAI_MEMORY"}[code]
    return "null" if call.startswith("xml") else errno.errorcode[code]


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes what is published; `odd` holds requests whose head is not whole."""

    odd = []

    def do_POST(self):
        if self.headers["Content-Type"] != "application/json" or "Expect" in self.headers:
            self.odd.append(str(self.headers))
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--commands", default="all")
    parser.add_argument("--calls", default="", help="names or beginnings of names, joined by commas")
    parser.add_argument("--case", help="COMMAND:ROLE:CALL:N[+]:ERROR, run once and told in full")
    parser.add_argument("--cases", help="a file of such cases, one a line; the rules alone")
    parser.add_argument("--results", default=".build-faults/results.jsonl")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    bench = Bench(arguments.tool, f"http://127.0.0.1:{server.server_port}/v1/traces")
    preload = library(bench.tool, bench.work)
    if arguments.case:
        bench.prepare(arguments.case.split(":")[0])
        run = inject(bench, preload, arguments.case)
        print(f"status {run.status}, kept {run.kept()}, broke {run.broke}\n{run.err}\n{run.fired}")
        print(run.out.decode()[:2000])
        run.close()
        bench.close()
        return 0
    if arguments.cases:
        bad = 0
        lines = [line.split("#")[0].strip() for line in Path(arguments.cases).read_text().splitlines()]
        lines = [line for line in lines if line]
        for command in sorted({line.split(":")[0] for line in lines}):
            bench.prepare(command)
        for line in lines:
            run = inject(bench, preload, line)
            broke = run.broke
            if broke:
                bad += 1
                print(f"! {line} [{run.status}] {'; '.join(broke)}: {run.err[-500:]}", flush=True)
            run.close()
        print(f"{len(lines)} cases, {bad} broke a rule")
        bench.close()
        return 1 if bad else 0
    results = Path(arguments.results)
    results.parent.mkdir(parents=True, exist_ok=True)
    done = set()
    if results.exists():
        latest = {row["key"]: row for row in map(json.loads, results.read_text().splitlines())}
        # What broke a rule is tried again: it may be mended.
        done = {key for key, row in latest.items() if not row["broke"]}
    begin, dice, queues = time.monotonic(), random.Random(arguments.seed), []
    wanted = [name for name in arguments.calls.split(",") if name]
    commands = [name for name in COMMANDS if name not in TIMED]
    for command in commands if arguments.commands == "all" else arguments.commands.split(","):
        for (role, call, most, places), queue in cases(counts(bench, command, preload), dice):
            if not wanted or any(call.startswith(name) for name in wanted):
                queues.append(((command, role, call, most, places), queue))
    # Every call is met once before any is met again.
    dice.shuffle(queues)
    bad = runs = 0
    with results.open("a") as file:
        while queues and time.monotonic() - begin < arguments.seconds:
            for entry in list(queues):
                (command, role, call, most, places), queue = entry
                while queue:
                    n, plus, code = queue.popleft()
                    key = f"{command}:{role}:{call}:{n}{plus}:{code}"
                    if key not in done:
                        break
                else:
                    queues.remove(entry)
                    continue
                run = inject(bench, preload, key)
                runs += 1
                if run.fired and most < n <= 2 * most:
                    # It calls more often than it did when it was counted: on until a run passes.
                    queue.append((n + 1, "", code))
                broke = run.broke
                if not run.fired and run.status:
                    broke.append("fails, and no call did")
                if broke:
                    bad += 1
                    print(f"! {key} [{run.status}] {'; '.join(broke)}: {run.message()}", flush=True)
                row = {"key": key, "command": command, "role": role, "call": call, "n": n, "lasting": bool(plus),
                       "error": name_of(call, code), "most": most, "places": places, "status": run.status,
                       "message": run.message(), "kept": run.kept(), "broke": broke, "reached": bool(run.fired)}
                file.write(json.dumps(row) + "\n")
                file.flush()
                run.close()
                if time.monotonic() - begin > arguments.seconds:
                    break
    left = sum(len(queue) for _, queue in queues)
    print(f"{runs} runs, {bad} broke a rule, {left} more cases planned of {len(queues)} functions under commands; "
          f"results in {results}")
    bench.close()
    return 1 if bad else 0


def inject(bench, preload, key):
    """One run with one fault, `COMMAND:ROLE:CALL:N[+]:ERROR`; `fired` is what was written where it happened.

    Of children with an odd n the first that comes there fails alone, else each of them does.
    """
    command, role, call, n, code = key.split(":")
    log, token = bench.work / "log", bench.work / "token"
    for path in (log, token):
        path.unlink(missing_ok=True)
    environment = {"LD_PRELOAD": preload, "NTPROF_FAULT": f"{call}:{n}:{code}", "NTPROF_FAULT_ROLE": role,
                   "NTPROF_FAULT_LOG": str(log)}
    if role != "parent" and n[-1] in "13579":
        environment["NTPROF_FAULT_ONCE"] = str(token)
    Collector.odd.clear()
    run = Run(bench, command, environment)
    run.fired = log.read_text(errors="replace") if log.exists() else ""
    run.broke = list(run.faults())
    if Collector.odd:
        run.broke.append("publishes without the fields of a request's head")
    if run.fired and run.status in (64, 65) and call in ERRORS and code not in (str(END), str(LESS), str(E.ENOENT)):
        run.broke.append("blames the input or the command line")
    return run


if __name__ == "__main__":
    sys.exit(main())
