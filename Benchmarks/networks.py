"""The networks that are timed: name, topology, params."""

import dataclasses
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
# The bundled ones, and small ones that hold every kind of layer.
FOLDERS = [ROOT / "topologies", HERE / "topologies"]


@dataclasses.dataclass(frozen=True)
class Network:
    name: str
    topology: str
    params: tuple[str, ...] = ()

    @property
    def path(self) -> pathlib.Path:
        if self.topology.endswith(".xml"):
            return pathlib.Path(self.topology)
        paths = [folder / f"{self.topology}.xml" for folder in FOLDERS]
        return next((path for path in paths if path.exists()), paths[0])

    @property
    def options(self) -> list[str]:
        """The arguments of ntprof that name this network."""
        arguments = [str(self.path)]
        for param in self.params:
            arguments += ["--set", param]
        return arguments


NETWORKS = [
    Network("alexnet", "alexnet"),
    Network("vgg16", "vgg16"),
    Network("resnet18", "resnet18"),
    Network("resnet50", "resnet50"),
    Network("resnet152", "resnet152"),
    Network("mobilenet-v2", "mobilenet-v2"),
    Network("squeezenet-1.1", "squeezenet-1.1"),
    Network("densenet-121", "densenet-121"),
    Network("googlenet", "googlenet"),
    Network("deepspeech", "deepspeech"),
    Network("deepspeech-1024", "deepspeech", ("hidden=1024",)),
    Network("deepspeech-0.9", "deepspeech-0.9"),
]


def topologies(paths: list[pathlib.Path]) -> list[pathlib.Path]:
    """Topologies by their paths, folders replaced by the topologies in them."""
    found = []
    for path in paths:
        found += sorted(path.glob("*.xml")) if path.is_dir() else [path]
    return found


def bundled() -> list[Network]:
    """The topologies of both folders."""
    return [
        Network(path.stem, path.stem)
        for folder in FOLDERS for path in sorted(folder.glob("*.xml"))
    ]


def find(names: list[str] | None) -> list[Network]:
    """The networks of a list; all of the table without one.

    An entry is a name of the table, that of a topology, the path of one, or a folder of topologies;
    names may also be joined by commas.
    """
    if not names:
        return NETWORKS
    table = {network.name: network for network in NETWORKS}
    found = []
    for name in (part for entry in names for part in entry.split(",")):
        if pathlib.Path(name).is_dir():
            found += [
                Network(path.stem, str(path)) for path in topologies([pathlib.Path(name)])]
        else:
            plain = pathlib.PurePath(name).name.removesuffix(".xml")
            found.append(table.get(name, Network(plain, name)))
    return found
