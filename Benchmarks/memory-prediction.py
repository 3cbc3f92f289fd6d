#!/usr/bin/env python3
"""How near predicted memory comes to what runs take; see README.md.

    Benchmarks/memory-prediction.py NTPROF [--networks NAME,…] [--models PATH …] [--tunings fast,auto,search]
        [--precisions f32,int8] [--threads N] [--seconds S] [--csv FILE]

Every network runs in a fresh process with each tuning and precision: one pass of warm-up and two that are measured,
no counters, a cache folder with nothing but measured roofs in it, so that searches search. Two predictions are held
against what was taken:

    recorded    the record's predicted_memory_bytes against its peak_memory_bytes
    whole       what --memory-limit decides by (its refusal is asked for it) against the most that the process and its
                children had resident at once, by readings every 3 ms; a search may be over between two of them

PATH is a model, or a folder of which all models are taken. The status is 1 where a recorded peak is off by more than
20 % and by more than 32 MiB.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50}
NEEDS = re.compile(r"needs about ([\d.]+) (\w+) of memory (while [\w ]+?) \(")
ALLOWED, SMALL = 0.20, 32 << 20


def resident(process):
    """Resident bytes of a process and of its children; 0 once it has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(resident(child) for child in children)


class Bench:
    def __init__(self, ntprof, threads, folder, seconds):
        self.ntprof, self.threads, self.folder, self.seconds = ntprof, threads, Path(folder), seconds
        self.roofs = self.folder / "roofs"
        self.run("squeezenet-1.1", "fast", "f32", cache=self.roofs)

    def words(self, network, tuning, precision):
        return [self.ntprof, "profile", network, "--tuning", tuning, "--precision", precision, "--threads",
                str(self.threads), "--iterations", "2", "--warmup", "1", "--counters", "none", "--no-save", "--quiet"]

    def environment(self, cache):
        return dict(os.environ, XDG_CACHE_HOME=str(cache))

    def fresh(self):
        """A cache folder with roofs alone."""
        cache = Path(tempfile.mkdtemp(dir=self.folder))
        for file in self.roofs.glob("ntprof/roofs-*"):
            (cache / "ntprof").mkdir(exist_ok=True)
            shutil.copy(file, cache / "ntprof")
        return cache

    def asked(self, network, tuning, precision):
        """What a run would take at its most, and when, as a refusal says it."""
        done = subprocess.run(self.words(network, tuning, precision) + ["--memory-limit", "1kB"], text=True,
                              capture_output=True, env=self.environment(self.roofs))
        found = NEEDS.search(done.stderr)
        return (float(found[1]) * UNITS[found[2]], found[3]) if found else (None, done.stderr.strip())

    def run(self, network, tuning, precision, cache=None):
        """The record, and the most that was resident; no record where the run failed."""
        cache = cache or self.fresh()
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(self.words(network, tuning, precision) + ["--format", "json"], stdout=output,
                                       stderr=errors, env=self.environment(cache))
            most, end = 0, time.monotonic() + self.seconds
            while process.poll() is None:
                most = max(most, resident(process.pid))
                if time.monotonic() > end:
                    process.kill()
                time.sleep(0.003)
            output.seek(0)
            errors.seek(0)
            text = output.read()
            if process.returncode != 0:
                return None, errors.read().decode(errors="replace").strip() or f"status {process.returncode}"
        return json.loads(text), most


def models(paths):
    for path in map(Path, paths):
        files = sorted(path.rglob("*.onnx")) if path.is_dir() else [path]
        yield from (str(file.resolve()) for file in files)


def summary(title, ratios):
    if not ratios:
        return
    within = sum(abs(ratio - 1) <= ALLOWED for ratio, _ in ratios)
    low, high = min(ratios), max(ratios)
    print(f"{title}: {within} of {len(ratios)} within 20 % ({100 * within / len(ratios):.0f} %); lowest {low[0]:.2f} "
          f"({low[1]}), highest {high[0]:.2f} ({high[1]})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ntprof")
    parser.add_argument("--networks", default=",".join(sorted(file.stem for file in (ROOT / "topologies").glob("*.xml"))))
    parser.add_argument("--models", nargs="*", default=[])
    parser.add_argument("--tunings", default="fast,auto,search")
    parser.add_argument("--precisions", default="f32,int8")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=600, help="that a run may take")
    parser.add_argument("--csv")
    arguments = parser.parse_args()
    networks = [name for name in arguments.networks.split(",") if name] + list(models(arguments.models))
    rows, recorded, whole, wrong, failed = [], [], [], 0, 0
    print("| network | tuning | precision | predicted MiB | peak MiB | ratio | whole, predicted | whole | ratio | most "
          "expected |\n|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(str(Path(arguments.ntprof).resolve()), arguments.threads, folder, arguments.seconds)
        for network in networks:
            for tuning in arguments.tunings.split(","):
                for precision in arguments.precisions.split(","):
                    asked, when = bench.asked(network, tuning, precision)
                    record, most = bench.run(network, tuning, precision)
                    name = f"{Path(network).stem} {tuning} {precision}"
                    if record is None or asked is None:
                        failed += 1
                        print(f"| {name.replace(' ', ' | ')} | {most if record is None else when} |", flush=True)
                        continue
                    predicted, peak = record["predicted_memory_bytes"], record["peak_memory_bytes"]
                    recorded.append((predicted / peak, name))
                    whole.append((asked / most, name))
                    wrong += abs(predicted - peak) > max(ALLOWED * peak, SMALL)
                    rows.append((name.replace(" ", ","), predicted, peak, int(asked), most))
                    print(f"| {name.replace(' ', ' | ')} | {predicted / 2**20:.1f} | {peak / 2**20:.1f} | "
                          f"{predicted / peak:.2f} | {asked / 2**20:.0f} | {most / 2**20:.0f} | {asked / most:.2f} | "
                          f"{when} |", flush=True)
    print()
    summary("recorded", recorded)
    summary("whole", whole)
    print(f"off by more than 20 % and 32 MiB: {wrong}; runs that failed: {failed}")
    if arguments.csv:
        Path(arguments.csv).write_text("network,tuning,precision,predicted,peak,whole_predicted,whole\n" + "".join(
            ",".join(map(str, row)) + "\n" for row in rows))
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
