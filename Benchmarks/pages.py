"""One page of every kind that ntprof writes, made by short runs."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent

SHORT = ["--iterations", "12", "--warmup", "1"]

# Name of the page and what `ntprof` is told; networks stand without their folder and ending.
KINDS = [
    ("deepspeech", ["profile", "deepspeech", *SHORT]),
    ("resnet50", ["profile", "resnet50", *SHORT]),
    ("inception-v3", ["profile", "inception-v3", *SHORT]),
    ("one-layer", ["profile", "@one", *SHORT]),
    ("simulated", ["profile", "@small", "--counters", "simulated", *SHORT]),
    ("software-2-threads", ["profile", "resnet18", "--counters", "software", "--threads", "2", *SHORT]),
    ("cold", ["profile", "deepspeech", "--cache", "cold", *SHORT]),
    ("searched", ["profile", "mobilenet-v1", "--tuning", "search", *SHORT]),
    ("partly-marked", ["profile", "@marked", *SHORT]),
    ("int8", ["profile", "resnet18", "--precision", "int8", *SHORT]),
    ("scenario", ["profile", "squeezenet-1.1", "--scenario", "server", "--target-qps", "20"]),
    ("thousand-layers", ["profile", "@thousand", *SHORT]),
    ("shown", ["report", "@shown"]),
    ("diff-two", ["diff", "deepspeech", "deepspeech", "--candidate-set", "hidden=1792", *SHORT]),
    ("diff-three", ["diff", "squeezenet-1.0", "squeezenet-1.1", "mobilenet-v2", *SHORT]),
    ("machines", ["diff", str(ROOT / "reports/examples/deepspeech.json"), "deepspeech", "--across-machines", *SHORT]),
    ("sweep", ["sweep", "mobilenet-v1", "--set", "alpha=1,2,4", "--threads", "1,2", *SHORT]),
]

ONE = '<topology name="one" version="1"><input name="x" shape="1x64"/><layer name="only"><fc units="64"/></layer></topology>'

SMALL = """<topology name="small" version="1"><input name="x" shape="1x16x28x28"/>
<layer name="conv1"><conv filters="32" kernel="3" padding="same"/><activation kind="relu"/></layer>
<layer name="pool"><pool kernel="2"/></layer>
<layer name="fc"><fc units="10"/><softmax/></layer></topology>"""

MARKED = """<topology name="marked" version="1"><input name="x" shape="1x16x28x28"/>
<layer name="before"><conv filters="32" kernel="3" padding="same"/></layer>
<marker action="start" name="middle"/>
<layer name="within"><conv filters="32" kernel="3" padding="same"/><activation kind="relu"/></layer>
<marker action="stop" name="middle"/>
<layer name="after"><fc units="10"/></layer></topology>"""


def thousand():
    """A residual network of 1,000 layers of six kinds, with names as long as real ones."""
    block = """<repeat count="166" index="i">
<layer name="stage${i}/branch/conv1x1" inputs="%s"><conv filters="32" kernel="1"/></layer>
<layer name="stage${i}/branch/norm"><batch-norm/></layer>
<layer name="stage${i}/branch/relu"><activation kind="relu"/></layer>
<layer name="stage${i}/branch/conv3x3"><conv filters="32" kernel="3" padding="same"/></layer>
<layer name="stage${i}/branch/pool"><pool kind="avg" kernel="3" stride="1" padding="1"/></layer>
<layer name="stage${i}/join"><concat with="stage${i}/branch/relu"/></layer>
</repeat>"""
    first = '<layer name="stem"><conv filters="64" kernel="3" padding="same"/></layer>'
    rest = "".join(f'<layer name="head{i}"><activation kind="relu"/></layer>' for i in range(2))
    # Every block reads the layer before it, which is what a layer without `inputs` does.
    return ('<topology name="thousand" version="1"><input name="x" shape="1x3x8x8"/>' + first
            + block.replace(' inputs="%s"', "") + rest + '<layer name="out"><fc units="10"/></layer></topology>')


def make(ntprof, folder, only=()):
    """Runs ntprof for every kind; the pages, named by kind."""
    own = {"one": ONE, "small": SMALL, "marked": MARKED, "thousand": thousand()}
    for name, text in own.items():
        (folder / f"{name}.xml").write_text(text)
    shown = subprocess.run([str(ntprof), "show", path("deepspeech", folder), "--format", "json"], capture_output=True)
    (folder / "shown.json").write_bytes(shown.stdout)
    done = []
    for name, arguments in KINDS:
        if only and name not in only:
            continue
        out = folder / name
        command = [str(ntprof)] + [path(word, folder) for word in arguments]
        command += ["--output", str(out), "--format", "html", "--quiet"]
        result = subprocess.run(command, capture_output=True, text=True)
        found = sorted(out.glob("*.html"))
        if result.returncode != 0 or not found:
            raise SystemExit(f"{' '.join(command)}: {result.stderr.strip()}")
        done.append(found[0].rename(folder / f"{name}.html"))
    return done


def path(word, folder):
    """A network's file; any other word as it is."""
    if word.startswith("@"):
        return str(next(folder.glob(f"{word[1:]}.*")))
    bundled = ROOT / "topologies" / f"{word}.xml"
    return str(bundled) if bundled.is_file() else word
