#!/usr/bin/env python3
"""Writes the man pages of ntprof from its own help.

    packaging/man.py PROGRAM FOLDER

One page for the program and one for every command that its help shows. What each option means,
the examples and the exit statuses are the program's own words (`--experimental-dump-help`); only
environment and files, which no help has room for, stand here.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ENVIRONMENT = [
    ("NTPROF_TOPOLOGIES", "The folder of the bundled networks, in place of the installed one."),
    ("NTPROF_PROGRESS", "Seconds between lines of progress where standard error is no terminal "
     "(60); 0 for none."),
    ("NTPROF_BANDWIDTH_MEMORY", "MiB of memory that bandwidths are measured in, a quarter of the free ones "
     "at most and twice the last cache at least (256, or eight times the last cache); less is faster."),
    ("NO_COLOR", "Where it is set and not empty, the table has no colours."),
    ("COLUMNS", "The width of the table where standard output is no terminal (160)."),
    ("TERM", "With dumb, no colours and no line of progress that is written over."),
    ("NTPROF_ENGINE_PYTHON", "The Python that runs other engines, in place of what is looked for."),
    ("VIRTUAL_ENV", "An environment whose Python is asked for other engines."),
    ("XDG_CACHE_HOME", "The folder of the cache, in place of ~/.cache."),
    ("XDG_DATA_HOME", "Where 'ntprof engines install' installs, in place of ~/.local/share."),
    ("HOME", "The folder that .cache is in."),
    ("TMPDIR", "Where a record goes that neither its folder nor the current one can take."),
    ("SSL_CERT_FILE", "Certificates of authorities for an https --otlp-endpoint, in place of the system's."),
    ("PATH", "Where valgrind and dot, and with --launch slurm sbatch, squeue and scontrol, are looked for."),
    ("SLURM_ARRAY_JOB_ID, SLURM_ARRAY_TASK_ID, SLURM_JOB_ID, SLURMD_NODENAME, SLURM_RESTART_COUNT",
     "What Slurm tells a task of the array job of --launch slurm; SBATCH_... are options of sbatch."),
    ("OMP_PLACES, OMP_PROC_BIND, GOMP_CPU_AFFINITY", "Come before --pin."),
    ("OMP_WAIT_POLICY", "What threads do between layers, as libgomp has it."),
    ("OMP_STACKSIZE, GOMP_STACKSIZE", "The stack of each thread; where so many do not fit, a run says "
     "so before it measures."),
    ("ONEDNN_VERBOSE, DNNL_VERBOSE", "Have no effect on what is printed; a warning says that they are "
     "set. Other variables of OpenMP, oneDNN and the allocator are taken into the record."),
]

FILES = [
    ("PREFIX/share/ntprof/topologies/NAME.xml", "The bundled networks, and the language's schema, "
     "topology.xsd."),
    ("reports/NAME-YYYYMMDD-HHMMSS.json", "The record of a run, in the folder of --output; beside it "
     "the page (.html) and files of other formats."),
    ("reports/NAME-sweep-YYYYMMDD-HHMMSS.parts/", "With --launch slurm: what the nodes are told, what "
     "they said, and a part of each process."),
    ("~/.cache/ntprof/", "Measured roofs of this machine, what searches found, and bricks. Nothing is "
     "lost with it but time."),
]

# Of the release that is packaged, where it is said; else of today.
DATE = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))


def text(words):
    """Words as troff takes them: no line is taken for a request, hyphens are those of the keyboard."""
    words = words.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(("\\&" + line) if line[:1] in (".", "'") else line
                     for line in words.split("\n"))


def split_discussion(discussion):
    """A discussion's paragraphs, its examples and its exit statuses."""
    paragraphs, examples, statuses = [], [], []
    for paragraph in (discussion or "").strip().split("\n\n"):
        if paragraph.startswith("Examples:"):
            examples = [line.strip() for line in paragraph.split("\n")[1:] if line.strip()]
        elif paragraph.startswith("Exit status:"):
            listed = " ".join(paragraph[len("Exit status:"):].split()).rstrip(".")
            statuses = [part.strip().split(" ", 1) for part in listed.split(";")]
        elif paragraph:
            paragraphs.append(paragraph)
    return paragraphs, examples, statuses


def argument_name(argument):
    """An argument as its row is headed: -o, --file FILE."""
    value = argument.get("valueName", "value")
    if argument["kind"] == "positional":
        return f"\\fI{text(value)}\\fR" + (" ..." if argument.get("isRepeating") else "")
    dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
    names = ", ".join(f"\\fB{text(dashes[name['kind']] + name['name'])}\\fR"
                      for name in argument["names"])
    return names + (f" \\fI{text(value)}\\fR" if argument["kind"] == "option" else "")


def plain_synopsis(words, arguments):
    parts = [f".B {text(words)}"]
    for argument in arguments:
        if argument["kind"] == "positional":
            name = argument_name(argument)
            parts.append(f"[{name}]" if argument.get("isOptional") else name)
    if any(argument["kind"] != "positional" for argument in arguments):
        parts.append("[\\fIoptions\\fR]")
    return parts


def rows(pairs):
    lines = []
    for head, words in pairs:
        lines += [".TP", head, text(words) if words else "\\&"]
    return lines


def described(argument):
    words = " ".join(filter(None, [argument.get("abstract"), argument.get("discussion")]))
    default = argument.get("defaultValue")
    if default and argument["kind"] == "option" and "default:" not in words.lower():
        words += f" Default: {default}."
    choices = argument.get("allValues")
    if choices and not all(choice in words for choice in choices):
        words += f" One of {', '.join(choices)}."
    return words.strip()


def page(words, command, version, siblings, see):
    name = words.replace(" ", "-")
    arguments = [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]
    paragraphs, examples, statuses = split_discussion(command.get("discussion"))
    lines = [f'.TH {text(name.upper())} 1 "{DATE}" "ntprof {version}" "User Commands"', ".SH NAME",
             f"{text(name)} \\- {text(lowered(command['abstract'].rstrip('.')))}", ".SH SYNOPSIS"]
    if siblings:
        lines += [f".B {text(words)}", "\\fIcommand\\fR [\\fIoptions\\fR]"]
    elif command.get("usage"):
        for usage in command["usage"].split("\n"):
            lines += [".PD 0", ".PP", text(usage), ".PD"]
    else:
        lines += plain_synopsis(words, arguments)
    lines.append(".SH DESCRIPTION")
    for index, paragraph in enumerate(paragraphs or [command["abstract"]]):
        lines += [".PP"] * (index > 0) + [text(paragraph)]
    if siblings:
        lines.append(".SH COMMANDS")
        lines += rows((f"\\fB{text(s['commandName'])}\\fR", s["abstract"])
                      for s in siblings)
    positional = [a for a in arguments if a["kind"] == "positional"]
    options = [a for a in arguments if a["kind"] != "positional"]
    if positional:
        lines.append(".SH ARGUMENTS")
        lines += rows((argument_name(a), described(a)) for a in positional)
    if options:
        lines.append(".SH OPTIONS")
        lines += rows((argument_name(a), described(a)) for a in options)
    if statuses:
        lines.append(".SH EXIT STATUS")
        lines += rows((f"\\fB{number}\\fR", meaning[:1].upper() + meaning[1:] + ".")
                      for number, meaning in statuses)
    else:
        lines += [".SH EXIT STATUS", "0 when all is done; the others are listed in", ".BR ntprof (1)."]
    if siblings:
        lines.append(".SH ENVIRONMENT")
        lines += rows((f"\\fB{name}\\fR", meaning) for name, meaning in ENVIRONMENT)
        lines.append(".SH FILES")
        lines += rows((f"\\fI{text(path)}\\fR", meaning) for path, meaning in FILES)
    if examples:
        lines.append(".SH EXAMPLES")
        for index, example in enumerate(examples):
            lines += [".PP"] * (index > 0) + [".RS", ".nf", text(example), ".fi", ".RE"]
    lines.append(".SH SEE ALSO")
    lines += [f".BR {text(other)} (1)" + ("," if other != see[-1] else "") for other in see]
    return name, "\n".join(lines) + "\n"


def lowered(words):
    first, _, rest = words.partition(" ")
    return words if first.isupper() else f"{first[:1].lower()}{first[1:]} {rest}".strip()


def main():
    program, folder = sys.argv[1], Path(sys.argv[2])
    dump = json.loads(subprocess.run([program, "--experimental-dump-help"], check=True,
                                     capture_output=True, text=True).stdout)
    version = re.search(r"[0-9]+(\.[0-9]+)+", subprocess.run(
        [program, "--version"], check=True, capture_output=True, text=True).stdout)[0]
    root = dump["command"]
    commands = [c for c in root["subcommands"]
                if c.get("shouldDisplay", True) and c["commandName"] != "help"]
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("ntprof*.1"):
        old.unlink()
    names = [f"ntprof-{c['commandName']}" for c in commands]
    pages = [page("ntprof", root, version, commands, names)]
    for command in commands:
        see = ["ntprof"] + [n for n in names if n != f"ntprof-{command['commandName']}"]
        pages.append(page(f"ntprof {command['commandName']}", command, version, [], see))
    for name, lines in pages:
        (folder / f"{name}.1").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main()
