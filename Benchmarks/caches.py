"""What ntprof remembers, in folders of its own: roofs taken over, of searches and advice nothing."""

import contextlib
import os
import pathlib
import shutil
import tempfile


def own_folder() -> pathlib.Path:
    """Where ntprof keeps what it finds, unless told otherwise."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "ntprof"


def take_roofs(home: str | os.PathLike) -> None:
    """Copies the machine's roofs into a folder for caches, so that they need not be measured again."""
    target = pathlib.Path(home) / "ntprof"
    target.mkdir(parents=True, exist_ok=True)
    for file in own_folder().glob("roofs-*"):
        shutil.copyfile(file, target / file.name)


def forget(home: str | os.PathLike) -> None:
    """Leaves roofs alone in a folder for caches."""
    for file in (pathlib.Path(home) / "ntprof").iterdir():
        if not file.name.startswith("roofs-"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()


def environment(home: str | os.PathLike) -> dict[str, str]:
    """The environment of a process whose caches lie in a folder."""
    return dict(os.environ, XDG_CACHE_HOME=str(home))


@contextlib.contextmanager
def fresh(like: str | os.PathLike | None = None):
    """The environment of a process that remembers roofs alone, or what lies in a folder; what it finds is forgotten."""
    with tempfile.TemporaryDirectory(prefix="ntprof-cache-") as home:
        if like is None:
            take_roofs(home)
        else:
            shutil.copytree(like, home, dirs_exist_ok=True)
        yield environment(home)
