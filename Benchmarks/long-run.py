#!/usr/bin/env python3
"""Runs a sweep for so long and watches its memory and descriptors; see README.md.

    Benchmarks/long-run.py SECONDS [--ntprof .build/release/ntprof] [--every SECONDS] [--csv FILE]

A sweep of a small network is given that many seconds, and as many rounds as it can do. Its process is asked twice a
second for its resident memory, its descriptors and its children. Printed: the curve in twelve parts, and the slope of
the second half by least squares with its standard error. The status is 1 where the second half grows by more than a
tenth of the memory, or by a descriptor.
"""

import argparse
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOPOLOGY = """<topology name="small" version="1"><param name="units" value="64"/>
<input name="x" shape="4x64" layout="nc"/>
<layer name="a"><fc units="${units}"/><activation kind="relu"/></layer>
<layer name="b"><fc units="16"/></layer></topology>
"""


def reading(process):
    """Resident KiB, descriptors and children of a process; nothing once it has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        return resident, len(os.listdir(f"/proc/{process}/fd")), len(children)
    except (OSError, StopIteration):
        return None


def slope(points):
    """Least squares: the slope and its standard error."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if count < 3 or spread == 0:
        return 0.0, 0.0
    rise = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    rest = sum((y - mean_y - rise * (x - mean_x)) ** 2 for x, y in points)
    return rise, (rest / (count - 2) / spread) ** 0.5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--ntprof", default=str(ROOT / ".build/release/ntprof"))
    parser.add_argument("--every", type=float, default=0.5)
    parser.add_argument("--csv", help="a file for all readings")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ntprof-long-") as folder:
        (Path(folder) / "small.xml").write_text(TOPOLOGY)
        words = [str(Path(arguments.ntprof).resolve()), "sweep", "small.xml", "--set", "units=16,32,48,64,96,128", "--threads",
                 "1", "--iterations", "4", "--warmup", "1", "--rounds", "1000", "--time", str(arguments.seconds), "--yes",
                 "--output", "out", "--quiet"]
        process = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, env=dict(
            os.environ, XDG_CACHE_HOME=f"{folder}/cache"))
        begin, readings = time.monotonic(), []
        end = os.pidfd_open(process.pid)
        while process.poll() is None:
            found = reading(process.pid)
            if found:
                readings.append((time.monotonic() - begin, *found))
            select.select([end], [], [], arguments.every)
        took = time.monotonic() - begin
        saved = sum(path.stat().st_size for path in (Path(folder) / "out").glob("*.json"))
        temporary = [path.name for path in Path(folder).rglob(".ntprof*")]
    if process.returncode != 0 or len(readings) < 24:
        raise SystemExit(f"the sweep ended with status {process.returncode} after {took:.0f} s")
    if arguments.csv:
        Path(arguments.csv).write_text("seconds,resident_kib,descriptors,children\n" + "".join(
            f"{at:.1f},{kib},{files},{children}\n" for at, kib, files, children in readings))
    print(f"{took:.0f} s, {len(readings)} readings; the sweep's file: {saved / 1024:.0f} KiB; "
          f"temporary files left: {len(temporary)}\n")
    print("| seconds | resident MiB, median (most) | descriptors, most | children, most |\n|---|---|---|---|")
    for part in range(12):
        rows = readings[part * len(readings) // 12:(part + 1) * len(readings) // 12]
        memory = sorted(row[1] for row in rows)
        print(f"| {rows[0][0]:.0f}-{rows[-1][0]:.0f} | {memory[len(memory) // 2] / 1024:.1f} ({memory[-1] / 1024:.1f}) "
              f"| {max(row[2] for row in rows)} | {max(row[3] for row in rows)} |")
    half = [row for row in readings if row[0] > took / 2]
    memory, error = slope([(row[0] / 3600, row[1] / 1024) for row in half])
    files, files_error = slope([(row[0] / 3600, row[2]) for row in half])
    print(f"\nSecond half: resident memory {memory:+.2f} ± {error:.2f} MiB/h, descriptors {files:+.1f} ± {files_error:.1f} /h")
    typical = sorted(row[1] for row in half)[len(half) // 2]
    grown = memory - 2 * error > 0 and memory * took / 7200 > 0.1 * typical / 1024
    leaks = max(row[2] for row in half) > max(row[2] for row in readings if row[0] <= took / 2)
    return 1 if grown or leaks or temporary else 0


if __name__ == "__main__":
    sys.exit(main())
