#!/usr/bin/env python3
"""Which version of oneDNN is faster for which layer: a page from records of the same networks with two of them.

    Benchmarks/library-versions.py --record FOLDER [--ntprof PATH] [--processes 6] [-- PROFILE OPTIONS]
    Benchmarks/library-versions.py FOLDER12 FOLDER13 -o docs/library-versions.md [--ntprof PATH]

The first form measures the twelve networks of networks.py into FOLDER, a record each: once in a root of each Debian release.
The second compares records of one name with `ntprof diff` and writes the page. `make library-versions` does all of it.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys

import networks

# Rows of the list of single layers.
MOST = 25


def main() -> int:
    options = arguments()
    if options.record:
        return record(options)
    first, second = options.folders
    names = [name for name in order(first) if (second / f"{name}.json").exists()]
    if not names:
        sys.exit(f"{first} and {second} have no record of one name: make both with --record")
    missing = sorted({path.stem for folder in (first, second) for path in folder.glob("*.json")} - set(names))
    if missing:
        print(f"left out, for they are in one folder alone: {', '.join(missing)}", file=sys.stderr)
    pairs = [Pair(options.ntprof, name, first / f"{name}.json", second / f"{name}.json") for name in names]
    check(pairs)
    options.output.write_text(page(pairs))
    print(f"{options.output}: {len(pairs)} networks")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=pathlib.Path, help="records with the one, and with the other version")
    parser.add_argument("-o", "--output", type=pathlib.Path, help="the page")
    parser.add_argument("--record", type=pathlib.Path, metavar="FOLDER", help="measure into this folder")
    parser.add_argument("--ntprof", default=str(networks.ROOT / ".build/release/ntprof"))
    parser.add_argument("--networks", nargs="*", help="other networks than the twelve")
    parser.add_argument("--processes", type=int, default=6, help="fresh processes of each")
    # What stands behind -- is ntprof's.
    count = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options = parser.parse_args(sys.argv[1:count])
    options.profile = sys.argv[count + 1:] or ["--threads", "1", "--tuning", "fast"]
    if not options.record and (len(options.folders) != 2 or not options.output):
        parser.error("name two folders of records and the page (-o), or a folder to --record into")
    return options


def run(command: list[str], statuses=(0,)) -> str:
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode not in statuses:
        sys.exit(f"{' '.join(command)}\nended with {result.returncode}: {result.stderr.strip()}")
    return result.stdout


def record(options: argparse.Namespace) -> int:
    options.record.mkdir(parents=True, exist_ok=True)
    for network in networks.find(options.networks):
        text = run([
            options.ntprof, "profile", *network.options, *options.profile, "--processes", str(options.processes),
            "--counters", "none", "--no-save", "--quiet", "--format", "json"])
        (options.record / f"{network.name}.json").write_text(text)
        print(f"{network.name}: {json.loads(text)['end_to_end']['time']['median'] / 1e6:.2f} ms", flush=True)
    return 0


def order(folder: pathlib.Path) -> list[str]:
    """The networks of a folder, those of the table first and as they stand there."""
    table = [network.name for network in networks.NETWORKS]
    names = sorted(path.stem for path in folder.glob("*.json"))
    return [name for name in table if name in names] + [name for name in names if name not in table]


class Pair:
    """One network with both versions."""

    def __init__(self, ntprof: str, name: str, first: pathlib.Path, second: pathlib.Path):
        self.name = name
        self.records = [json.loads(path.read_text()) for path in (first, second)]
        self.diff = json.loads(run(
            [ntprof, "diff", str(first), str(second), "--no-save", "--quiet", "--format", "json"]))

    @property
    def layers(self) -> list[dict]:
        """Those that have a time on both sides."""
        return [row for row in self.diff["layers"] if row.get("percent") is not None]


def facts(record: dict) -> tuple:
    machine, options = record["machine"], record["options"]
    return (machine["cpu"], options.get("threads"), options["precision"], options["batch"], options["tuning"])


def check(pairs: list[Pair]) -> None:
    """Refuses folders that differ in more than the library, or not in it."""
    kinds = {facts(record) for pair in pairs for record in pair.records}
    if len(kinds) > 1:
        sys.exit("the records differ in CPU, threads, precision, batch or tuning: "
                 + "; ".join(sorted(str(kind) for kind in kinds)))
    for side in (0, 1):
        if len({version(pair.records[side]) for pair in pairs}) > 1:
            sys.exit("the records of one folder have several versions of oneDNN")
    if version(pairs[0].records[0]) == version(pairs[0].records[1]):
        sys.exit(f"both folders have oneDNN {version(pairs[0].records[0])}")


def version(record: dict) -> str:
    return record["machine"]["onednn"]["version"]


def page(pairs: list[Pair]) -> str:
    first, second = pairs[0].records
    cpu, threads, precision, batch, tuning = facts(first)
    old, new = version(first), version(second)
    days = sorted({record["created"][:10] for pair in pairs for record in pair.records})
    processes = sorted({record["options"].get("processes", 1) for pair in pairs for record in pair.records})
    systems = " and ".join(record["machine"].get("os", "an unknown system") for record in (first, second))
    mean = math.exp(sum(
        math.log(1 + pair.diff["end_to_end"]["percent"] / 100) for pair in pairs) / len(pairs))
    return "\n".join([
        f"# oneDNN {old} and {new}",
        "",
        "Written by [`Benchmarks/library-versions.py`](../Benchmarks/library-versions.py) (`make library-versions`) from records of "
        f"{len(pairs)} networks in roots of {systems}: {cpu}, {threads} thread(s), {precision}, batch {batch}, "
        f"`--tuning {tuning}`, {'/'.join(map(str, processes))} process(es) each, {days[0]}"
        + (f" to {days[-1]}" if days[-1] != days[0] else "") + ".",
        "",
        f"Percent are of {new} over {old}: negative is faster with {new}. *Faster* and *slower* are verdicts of `ntprof diff`, "
        "corrected over the layers of a network. The records lie apart in time, so that an interval holds what runs are known "
        "to differ by ([sweeps.md](sweeps.md#the-process-is-the-sample)).",
        "",
        "## Networks",
        "",
        *table(
            ["network", f"{old}, ms", f"{new}, ms", "%", "interval", "verdict", "layers faster", "slower", "undecided",
             "equivalent"],
            [network_row(pair) for pair in pairs]),
        "",
        f"Geometric mean of the ratios: {mean:.3f}.",
        "",
        "## Kinds of layers, by what runs them",
        "",
        f"All layers that have a time with both versions, by kind and implementation; times are sums, in ms. Where {new} "
        "runs the layer otherwise, both implementations are named.",
        "",
        *table(
            ["kind", f"with {old}", f"with {new}", "layers", f"{old}, ms", f"{new}, ms", "%", "faster", "slower"],
            groups(pairs)),
        "",
        "## Single layers that differ most",
        "",
        f"By the time that they gain or lose, {MOST} at most.",
        "",
        *table(
            ["network", "layer", "kind", "output", f"with {old}", f"with {new}", f"{old}, µs", f"{new}, µs", "%", "verdict"],
            single(pairs)),
        "",
    ])


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    def line(cells):
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
    return [line(head), "|" + "---|" * len(head), *map(line, rows)]


def percent(value: float) -> str:
    return f"{value:+.1f}"


def network_row(pair: Pair) -> list[str]:
    whole = pair.diff["end_to_end"]
    counts = [
        sum(row["verdict"] == verdict for row in pair.layers)
        for verdict in ("faster", "slower", "undecided", "equivalent")]
    interval = whole.get("ci95")
    return [
        pair.name, f"{whole['baseline_ns'] / 1e6:.2f}", f"{whole['candidate_ns'] / 1e6:.2f}", percent(whole["percent"]),
        f"{percent(interval[0])}…{percent(interval[1])}" if interval else "", whole["verdict"], *map(str, counts)]


def ran(row: dict) -> tuple[str, str]:
    names = row.get("implementation", {})
    return names.get("baseline", "?"), names.get("candidate", "?")


def groups(pairs: list[Pair]) -> list[list[str]]:
    """Layers of one kind that the same implementations run, those first that take most time with the first version."""
    found: dict[tuple, list[dict]] = {}
    for pair in pairs:
        for row in pair.layers:
            found.setdefault((row["kind"], *ran(row)), []).append(row)
    rows = []
    for (kind, before, after), layers in found.items():
        old, new = (sum(row[side] for row in layers) for side in ("baseline_ns", "candidate_ns"))
        rows.append((old, [
            kind, f"`{before}`", "the same" if after == before else f"`{after}`", str(len(layers)), f"{old / 1e6:.2f}",
            f"{new / 1e6:.2f}", percent((new / old - 1) * 100) if old else "",
            str(sum(row["verdict"] == "faster" for row in layers)),
            str(sum(row["verdict"] == "slower" for row in layers))]))
    return [cells for _, cells in sorted(rows, key=lambda row: -row[0])]


def single(pairs: list[Pair]) -> list[list[str]]:
    rows = [
        (abs(row["candidate_ns"] - row["baseline_ns"]), [
            pair.name, row.get("candidate") or row.get("baseline"), row["kind"],
            (row.get("output_shape") or {}).get("candidate", ""), *(f"`{name}`" for name in ran(row)),
            f"{row['baseline_ns'] / 1e3:.1f}", f"{row['candidate_ns'] / 1e3:.1f}", percent(row["percent"]), row["verdict"]])
        for pair in pairs for row in pair.layers]
    return [cells for _, cells in sorted(rows, key=lambda row: -row[0])[:MOST]]


if __name__ == "__main__":
    sys.exit(main())
