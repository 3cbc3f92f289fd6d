"""How far outputs of two programs for one network lie apart: what the scripts that compare them share."""

import argparse

import networks
import numpy


class Refused(Exception):
    """Why a network was not compared; severity 0 where that is as documented."""

    def __init__(self, reason: str, severity: int):
        super().__init__(reason)
        self.severity = severity


def parser(description: str) -> argparse.ArgumentParser:
    """The options that all of them have."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--ntprof", default=str(networks.ROOT / ".build/release/ntprof"))
    made.add_argument(
        "--networks", nargs="*",
        help="names, topologies, or folders of them (default: every bundled topology)")
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--batch", type=int)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument(
        "--tolerance", type=float, default=1e-4,
        help="largest difference, as a share of the output's largest magnitude")
    return made


def difference(name: str, ours: numpy.ndarray, reference: numpy.ndarray) -> float:
    """The largest difference of an element, as a share of the reference's largest magnitude."""
    if ours.shape != reference.shape:
        raise Refused(f"output '{name}': {ours.shape} against {reference.shape}", 1)
    if not numpy.isfinite(ours).all() or not numpy.isfinite(reference).all():
        raise Refused(f"output '{name}' is not finite", 1)
    largest = float(numpy.abs(ours.astype(numpy.float64) - reference).max())
    scale = float(numpy.abs(reference).max())
    return largest / scale if scale > 0 else largest
