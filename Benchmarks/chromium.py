"""A headless Chromium, driven through its DevTools protocol over a pair of pipes: nothing but Python's own library."""

import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


class Chromium:
    """A browser process; use it in a `with` statement."""

    def __init__(self, program=None):
        program = program or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not program:
            raise SystemExit("check-pages: no chromium on PATH; install it with `apt-get install chromium`")
        self.profile = tempfile.TemporaryDirectory(prefix="check-pages-", ignore_cleanup_errors=True)
        from_us, self.writer = os.pipe()
        self.reader, to_us = os.pipe()

        # Chromium reads commands from descriptor 3 and answers on 4. The ends are moved out of the way first, for one
        # of them may already be 3 or 4.
        def connect():
            spare = [os.dup(from_us), os.dup(to_us)]
            while any(end in (3, 4) for end in spare):
                spare = [os.dup(end) for end in spare]
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        # The browser itself asks the network for nothing either, so that what is seen is the page's.
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
             f"--user-data-dir={self.profile.name}", "about:blank"],
            preexec_fn=connect, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(from_us)
        os.close(to_us)
        self.numbers = itertools.count(1)
        self.buffer = b""
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.send("Browser.close")
            self.process.wait(10)
        except (OSError, SystemExit, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.writer)
        os.close(self.reader)
        self.profile.cleanup()

    def send(self, method, session=None, timeout=60, **params):
        """The result of a command; events that arrive meanwhile are kept."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + timeout
        while True:
            answer = self.receive(end - time.monotonic())
            if answer is None:
                raise SystemExit(f"check-pages: chromium did not answer {method} within {timeout} s")
            if answer.get("id") == number:
                if "error" in answer:
                    raise SystemExit(f"check-pages: {method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def receive(self, timeout):
        """The next message; None when none arrives in time."""
        end = time.monotonic() + timeout
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.reader], [], [], left)[0]:
                return None
            data = os.read(self.reader, 1 << 20)
            if not data:
                raise SystemExit("check-pages: chromium ended")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def settle(self, seconds):
        """Gathers the events of some time."""
        end = time.monotonic() + seconds
        while (message := self.receive(end - time.monotonic())) is not None:
            self.events.append(message)


class Tab:
    """A page of the browser, with all that it did."""

    def __init__(self, browser, width=1300, height=900, dark=False):
        self.browser = browser
        self.target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.send("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.resize(width, height)
        self.send("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.browser.send("Target.closeTarget", targetId=self.target)

    def send(self, method, **params):
        return self.browser.send(method, session=self.session, **params)

    def resize(self, width, height):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def evaluate(self, expression):
        """The value of an expression of the page; promises are waited for."""
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"check-pages: {result['exceptionDetails']['exception']['description']}")
        return result["result"].get("value")

    def open(self, url, settle=0.4):
        """Loads a page and lets it come to rest."""
        self.send("Page.navigate", url=url)
        end = time.monotonic() + 60
        while not any(event["method"] == "Page.loadEventFired" for event in self.mine()):
            if time.monotonic() > end:
                raise SystemExit(f"check-pages: {url} did not load within a minute")
            self.browser.settle(0.05)
        self.browser.settle(settle)

    def mine(self):
        return [event for event in self.browser.events if event.get("sessionId") == self.session]

    def complaints(self):
        """What the page wrote to the console, and exceptions that nobody caught."""
        found = []
        for event in self.mine():
            params = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                found.append(details.get("exception", {}).get("description", details["text"]).splitlines()[0])
            elif event["method"] == "Runtime.consoleAPICalled":
                found.append(" ".join(str(value.get("value", "")) for value in params["args"]))
            elif event["method"] == "Log.entryAdded":
                found.append(params["entry"]["text"])
        return found

    def requests(self, page):
        """What the page asked for beside itself."""
        urls = [event["params"]["request"]["url"] for event in self.mine()
                if event["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if url.split("#")[0] != page]
