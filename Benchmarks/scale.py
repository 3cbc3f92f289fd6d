#!/usr/bin/env python3
"""Time and peak memory of ntprof on generated networks of 500 to 50,000 layers; see README.md."""

import argparse
import dataclasses
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FORMATS = ["table", "json", "csv", "markdown", "html", "trace"]


def flat(layers: int) -> str:
    """A chain of five kinds of layers, each written out."""
    kinds = [
        '<conv filters="8" kernel="3" padding="same"/><batch-norm/><activation kind="relu"/>',
        '<conv filters="8" kernel="1"/>',
        '<activation kind="tanh"/>',
        '<pool kind="max" kernel="3" stride="1" padding="1"/>',
        "<batch-norm/>",
    ]
    return "\n".join(
        f'<layer name="l{index}">{kinds[index % 5]}</layer>' for index in range(layers))


def branches(layers: int) -> str:
    """Residual blocks whose end is a concatenation of two branches, each written out."""
    text = []
    before = "x"
    for block in range(layers // 5):
        text.append(
            f'<layer name="a{block}" inputs="{before}"><conv filters="8" kernel="1"/>'
            f'<activation kind="relu"/></layer>\n'
            f'<layer name="b{block}"><conv filters="8" kernel="3" padding="same"/>'
            f'<add with="{before}"/><activation kind="relu"/></layer>\n'
            f'<layer name="c{block}" inputs="b{block}"><conv filters="8" kernel="1"/></layer>\n'
            f'<layer name="d{block}" inputs="b{block}">'
            f'<pool kind="max" kernel="3" stride="1" padding="1"/></layer>\n'
            f'<layer name="e{block}" inputs="c{block} d{block}"><concat/>'
            f'<conv filters="8" kernel="1"/></layer>')
        before = f"e{block}"
    return "\n".join(text)


def repeats(layers: int) -> str:
    """The same layer again and again, by nested repeats."""
    return (
        f'<repeat count="{layers // 100}"><repeat count="100" index="j">'
        '<layer name="l${i}-${j}"><conv filters="8" kernel="1"/><activation kind="relu"/></layer>'
        "</repeat></repeat>")


NETWORKS = {"flat": flat, "branches": branches, "repeats": repeats}


@dataclasses.dataclass
class Use:
    """What one process took: seconds, and the largest resident set in bytes."""

    seconds: float
    bytes: int

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.bytes / 1e6:.0f} MB"


def main() -> int:
    options = arguments()
    rows = []
    with tempfile.TemporaryDirectory(prefix="ntprof-scale-") as folder:
        for name in options.networks.split(","):
            for layers in options.layers:
                rows += measure(name, layers, pathlib.Path(folder), options)
        if options.search:
            rows += search(options.search, pathlib.Path(folder), options)
    print(table(rows))
    slow = [row for row in rows if growth(rows, row) > options.bound]
    for network, layers, phase, _ in slow:
        note(f"{network}, {layers} layers: {phase} grew more than {options.bound:g} times as fast "
             "as the layers")
    return 1 if slow else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ntprof", default=str(ROOT / ".build/release/ntprof"))
    parser.add_argument("--networks", default=",".join(NETWORKS), help="joined by commas")
    parser.add_argument(
        "--layers", default=[500, 5000, 50000], help="joined by commas",
        type=lambda text: [int(word) for word in text.split(",")])
    parser.add_argument(
        "--search", type=int, default=5000, metavar="LAYERS",
        help="also --tuning search on that many equal layers; 0 leaves it out")
    parser.add_argument("--limit", type=float, default=300, help="seconds a process may take")
    parser.add_argument(
        "--bound", type=float, default=2.0,
        help="how much faster than the layers a time may grow before it counts as super-linear")
    return parser.parse_args()


def measure(name: str, layers: int, folder: pathlib.Path, options: argparse.Namespace) -> list:
    """Every phase of one network."""
    path = write(folder, f"{name}-{layers}", NETWORKS[name](layers))
    rows = []

    def add(phase: str, use: Use) -> None:
        rows.append((name, layers, phase, use))
        note(f"{name:9} {layers:6} {phase:15} {use}")

    add("check", run([options.ntprof, "check", path], options.limit))
    whole, planned, file = profile(path, folder, options, ["--iterations", "3", "--warmup", "1"])
    add("planning", planned)
    add("profile", whole)
    for form in FORMATS:
        command = [options.ntprof, "report", file, "--format", form, "--output", str(folder)]
        add(f"report {form}", run(command, options.limit))
    for left in folder.iterdir():
        left.unlink()
    return rows


def search(layers: int, folder: pathlib.Path, options: argparse.Namespace) -> list:
    """A search where every layer is the same, so that one trial serves all."""
    rows = []
    for count in (layers // 10, layers):
        path = write(folder, f"search-{count}", repeats(count))
        with tempfile.TemporaryDirectory(prefix="ntprof-cache-") as cache:
            # Roofs first: they are not the search's.
            profile(path, folder, options, ["--iterations", "1"], cache)
            _, use, _ = profile(
                path, folder, options, ["--iterations", "1", "--tuning", "search"], cache)
        rows.append(("repeats", count, "search", use))
        note(f"{'repeats':9} {count:6} {'search':15} {use}")
    return rows


def profile(path: str, folder: pathlib.Path, options: argparse.Namespace, more: list,
            cache: str | None = None) -> tuple:
    """What a run took, what its planning took, and the record's file."""
    command = [options.ntprof, "profile", path, "--threads", "1", "--counters", "none",
               "--format", "csv", "--output", str(folder)] + more
    use = run(command, options.limit, cache)
    file = max(folder.glob(f"{pathlib.Path(path).stem}-*.json"), key=lambda f: f.stat().st_mtime_ns)
    return use, planning(file), str(file)


def planning(record: pathlib.Path) -> Use:
    """Time of a run's planning, and what it held from the end of the calibration to that of the
    first pass.

    Read by a process of its own: this one must stay small, for the kernel counts what it holds when
    it starts another one as that one's.
    """
    code = ("import json, sys; r = json.load(open(sys.argv[1])); "
            "print(r['end_to_end']['planning_ns'], r['peak_memory_bytes'])")
    text = subprocess.run(
        [sys.executable, "-c", code, str(record)], capture_output=True, text=True, check=True).stdout
    time_ns, held = text.split()
    return Use(float(time_ns) * 1e-9, int(held))


def run(command: list, limit: float, cache: str | None = None) -> Use:
    """Runs a command to its end."""
    environment = dict(os.environ, **({"XDG_CACHE_HOME": cache} if cache else {}))
    with tempfile.TemporaryFile() as errors:
        begin = time.monotonic()
        child = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=errors, env=environment)
        signal.signal(signal.SIGALRM, lambda *_: child.kill())
        signal.setitimer(signal.ITIMER_REAL, limit)
        _, status, usage = os.wait4(child.pid, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        seconds = time.monotonic() - begin
        if status != 0:
            errors.seek(0)
            words = errors.read().decode(errors="replace").strip()
            how = f"was ended after {limit:g} s" if os.WIFSIGNALED(status) else words
            sys.exit(f"scale.py: {' '.join(command)}: {how}")
    return Use(seconds, usage.ru_maxrss * 1024)


def write(folder: pathlib.Path, name: str, layers: str) -> str:
    path = folder / f"{name}.xml"
    path.write_text(
        f'<topology name="{name}" version="1">\n<input name="x" shape="1x8x4x4"/>\n'
        f"{layers}\n</topology>\n")
    return str(path)


def growth(rows: list, row: tuple) -> float:
    """How much faster a time grew than the layers since the size before; 0 for the smallest one,
    and where the start of a process is most of it."""
    network, layers, phase, use = row
    smaller = [other for other in rows
               if other[0] == network and other[2] == phase and other[1] < layers]
    if not smaller:
        return 0
    before = max(smaller, key=lambda other: other[1])
    if before[3].seconds < 0.1:
        return 0
    return use.seconds / before[3].seconds / (layers / before[1])


def table(rows: list) -> str:
    """A row a network and phase, a column a number of layers, as Markdown."""
    sizes = sorted({row[1] for row in rows})
    lines = ["| network | phase | " + " | ".join(f"{size:,}" for size in sizes) + " |",
             "|---|---|" + "---|" * len(sizes)]
    known = {(network, phase, layers): use for network, layers, phase, use in rows}
    for network, phase in dict.fromkeys((row[0], row[2]) for row in rows):
        cells = [str(known.get((network, phase, size), "")) for size in sizes]
        lines.append(f"| {network} | {phase} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
