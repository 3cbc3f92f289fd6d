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


def find(names: str | None) -> list[Network]:
    """The networks of a list joined by commas; all of the table without one.

    A name that is not in the table is that of a topology, or the path of its file.
    """
    if not names:
        return NETWORKS
    table = {network.name: network for network in NETWORKS}
    return [
        table.get(name, Network(pathlib.PurePath(name).name.removesuffix(".xml"), name))
        for name in names.split(",")
    ]
