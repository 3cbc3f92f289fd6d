#!/usr/bin/env python3
"""Writes docs/faults.md of what inject.py and events.py found.

    Tests/Faults/table.py [--calls .build-faults/results.jsonl] [--events .build-faults/events.jsonl] [-o docs/faults.md]
"""

import argparse
import collections
import json
from pathlib import Path

HEAD = """# What happens when something fails

`make faults SECONDS=600` makes calls of C functions fail under every command, one at a time, in the manner of SQLite's
tests, and has things happen to running commands: full disks, signals, limits, collectors that lie. `CALL=write,dnnl_`
and `COMMAND=profile,diff` choose; `EVENTS=disk,signals` chooses events, `EVENTS=` none. This page is what it wrote.

A library loaded with `LD_PRELOAD` ([`Tests/Faults/faults.c`](../Tests/Faults/faults.c)) stands before every function of
oneDNN, PAPI, libxml2 and libcurl that the program calls (their list is read from the program), and before the system's. A
first run of a command counts: which function, how often, from where (a hash of 14 return addresses). Then the n-th call
fails, with the errors of the function; `less` moves half of what was asked for, `end` is the end of a file, `+` means that
all later calls fail, too. Calls fail in the process that was started, or in its children, in each of them or in the first alone.

All functions under all commands take turns, so that `SECONDS` are spent in this order, a run taking 0.1 to 2 s: n = 1 of each
function, with each of its errors (some thousand runs for all commands); the first and the last call from every place (some
ten thousand); n = 1, 2, 3 … until a run passes, with one error each; each of those with the other errors. An n far beyond
what was counted comes early, too: that run must pass. Results are kept in `.build-faults`, and the next `make faults` goes on
from there; `CALL=rename COMMAND=export` comes to the end of one function in a minute. `in turn` says below how far n came without
a gap, in the command and process where it came least far, and `all` where none was left. What breaks a rule stands before all
tables, run by run.

Small blocks that Swift, oneDNN and PAPI allocate for themselves are spared: their own code crashes without them (oneDNN
2.6.3 and PAPI 7.0.0 do not look); `--memory-limit` and the prediction before a run are what keeps from that.

Each run must end by itself, with a status of those that `ntprof --help` lists and one message where it is not 0. No
temporary file, empty folder or process may be left. A table or a record of what was measured must be there, and where
the status is 0 everything: what `report`, `export`, `import`, `run`, `check` and `show` write is compared with a run
without faults, byte by byte.

Found and mended (those that calls can bring back stand in [`Tests/Faults/found.txt`](../Tests/Faults/found.txt), which a
test runs again, and the runs that found them are not counted below):

* `waitpid` that knows no such child (also with SIGCHLD ignored from the start, as `nohup`-like parents leave it): the run
  waited for ever; an end that nobody knows is now one, and the process is made up for.
* A process of a sweep that lacks memory, descriptors or threads for a moment made its point fail for good; it is tried again.
* A process that watches layers and is ended from outside ended the run; it is started again.
* `PAPI_num_components` that fails: a range from 0 to below 0, SIGILL.
* libxml2's code for schemas crashes without memory; the process ends with 70 and words instead.
* Empty folders after a failed `report` and `export --test-data`.
* A collector's answer that is cut, or drips until the time is over, counted as success.
* Without memory for the fields of a request's head, spans were published without them, with status 0.
* A file that could not be read was told to be "no file that can be imported", or a topology.
* `fsync` that is interrupted counted as failed.
* Without `/proc` Swift knows no arguments: help was printed, with status 0. In a name space of processes for which `/proc`
  is not mounted anew, children were started from another program's file.
* Stacks below 1 MiB: SIGSEGV in the middle of a run; now 70 and `ulimit -s 8192`, before it.
"""


def tally(rows):
    """`0 ×12, 70 ×3`."""
    counts = collections.Counter("none: it was ended" if row["status"] is None else row["status"] for row in rows)
    return ", ".join(f"{status} ×{count}" for status, count in sorted(counts.items(), key=lambda pair: str(pair[0])))


def example(rows):
    """The message that came most often."""
    counts = collections.Counter(row["message"] for row in rows if row["message"])
    if not counts:
        return ""
    text = max(counts, key=lambda words: (counts[words], -len(words)))
    text = text.replace("|", "\\|").replace("<", "&lt;")
    return text if len(text) <= 110 else text[:107] + "…"


def kept(rows):
    """What there was of the work where the status was not 0."""
    counts = collections.Counter(" + ".join(row["kept"]) or "nothing" for row in rows if row["status"] != 0)
    return ", ".join(f"{words} ×{count}" for words, count in counts.most_common(3))


def rows_of(path):
    """All results in a file, in the order in which they were added."""
    return [json.loads(line) for line in Path(path).read_text().splitlines()] if Path(path).exists() else []


def in_turn(rows):
    """Up to which n each was failed, in the process of the command where that is least; `all` where none was left."""
    tried, most = collections.defaultdict(set), {}
    for row in rows:
        place = (row["command"], row["role"])
        tried[place].add(row["n"])
        most[place] = max(most.get(place, 0), row["most"])
    least = None
    for place, found in tried.items():
        n = 0
        while n + 1 in found:
            n += 1
        if n < most[place] and (least is None or n < least):
            least = n
    return "all" if least is None else f"{least:,}"


def broken(calls, events):
    """What breaks a rule, a line each: nothing of it is only counted."""
    lines = [f"`{row['key']}` ({row['error']}) ends with {row['status']}: {'; '.join(row['broke'])}"
             + ("" if row["reached"] else ", and no call failed") for row in calls if row["broke"]]
    passed = collections.Counter((row["event"], row["command"]) for row in events if not row["broke"])
    for row in events:
        if row["broke"]:
            count = passed[row["event"], row["command"]]
            lines.append(f"{row['event']}, under `{row['command']}`, ends with {row['status']}: {'; '.join(row['broke'])}"
                         + (f" ({count} other runs of it kept the rules)" if count else ""))
    return [f"* {line}" for line in lines]


def group_of(call):
    for beginning, name in (("dnnl_", "oneDNN"), ("PAPI_", "PAPI"), ("xml", "libxml2"), ("curl_", "libcurl")):
        if call.startswith(beginning):
            return name
    return "the system"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", default=".build-faults/results.jsonl")
    parser.add_argument("--events", default=".build-faults/events.jsonl")
    parser.add_argument("-o", "--output", default="docs/faults.md")
    arguments = parser.parse_args()
    every, events = rows_of(arguments.calls), rows_of(arguments.events)
    calls = list({row["key"]: row for row in every}.values())
    reached = [row for row in calls if row["reached"]]
    came = [row for row in events if row["fired"]]
    # A case that broke a rule and was tried again is told by its last run, and that there was another one.
    mended = {row["key"] for row in every if row["broke"]} - {row["key"] for row in calls if row["broke"]}
    text = [HEAD]
    names = {row["call"] for row in reached}
    text.append(f"Last run: {len(reached)} faults in {len(names)} functions ({tally(reached)}), "
                f"{len(calls) - len(reached)} runs that did not reach theirs; {len(came)} events ({tally(came)}), "
                f"{len(events) - len(came)} that came too late. {sum(bool(row['broke']) for row in calls + events)} broke a "
                f"rule{' and stand below' if broken(calls, events) else ''}; {len(mended)} cases that once did keep the rules now.\n")
    if broken(calls, events):
        text += ["## What breaks a rule\n", *broken(calls, events), ""]
    for group in ("oneDNN", "PAPI", "libxml2", "libcurl", "the system"):
        text.append(f"## Calls of {group}\n")
        text.append("`n` is how often the busiest process of a run makes the call, `places` from how many; `kept` is what there "
                    "was of its work where the status was not 0.\n" if group == "oneDNN" else "")
        text.append("| call | fails with | n | in turn | places | faults | status | kept | says, most often |")
        text.append("|---|---|---|---|---|---|---|---|---|")
        for call in sorted(name for name in names if group_of(name) == group):
            rows = [row for row in reached if row["call"] == call]
            errors = []
            for row in rows:
                word = row["error"] + ("+" if row["lasting"] else "")
                if word not in errors:
                    errors.append(word)
            text.append(f"| `{call}` | {', '.join(sorted(errors))} | {max(row['most'] for row in rows):,} "
                        f"| {in_turn([row for row in calls if row['call'] == call])} | {max(row['places'] for row in rows)} "
                        f"| {len(rows)} | {tally(rows)} | {kept(rows)} | {example(rows)} |")
        text.append("")
    text.append("## Events\n")
    text.append("A negative status is the signal that ended the process, which such an event may do.\n")
    text.append("| event | under | runs | status | kept | says, most often |")
    text.append("|---|---|---|---|---|---|")
    grouped = {}
    for row in came:
        grouped.setdefault((row["kind"], row["event"]), []).append(row)
    order = list(dict.fromkeys(kind for kind, _ in grouped))
    for (kind, event), rows in sorted(grouped.items(), key=lambda item: order.index(item[0][0])):
        commands = ", ".join(sorted({row["command"] for row in rows}))
        text.append(f"| {event} | {commands} | {len(rows)} | {tally(rows)} | {kept(rows)} | {example(rows)} |")
    Path(arguments.output).write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
