"""Quantised models of the networks: made once by quantise.py and kept in a folder."""

import hashlib
import json
import pathlib
import subprocess
import sys

from engines import EngineError

HERE = pathlib.Path(__file__).resolve().parent


def has_wide_products() -> bool:
    """Whether the CPU adds products of 8 bits in 32; others add two in 16, which weights of 8 bits overflow."""
    text = pathlib.Path("/proc/cpuinfo").read_text()
    return any(flag in text for flag in ("avx512_vnni", "avx_vnni"))


def model(network, batch: int, folder: pathlib.Path, ntprof: str, threads: int) -> pathlib.Path:
    """The quantised model of a network, with the inputs that ntprof gives it beside it."""
    place = folder / f"{network.name}-b{batch}"
    target, note = place / "int8.onnx", place / "made.json"
    made = {
        "topology": hashlib.sha256(network.path.read_bytes()).hexdigest(), "params": list(network.params),
        "batch": batch, "weight_bits": 8 if has_wide_products() else 7,
        "script": hashlib.sha256((HERE / "quantise.py").read_bytes()).hexdigest(),
    }
    if target.exists() and note.exists() and json.loads(note.read_text()) == made:
        return target
    place.mkdir(parents=True, exist_ok=True)
    note.unlink(missing_ok=True)
    plain = place / "model.onnx"
    run([ntprof, "export", *network.options, "--batch", str(batch), "--file", str(plain),
         "--test-data", str(place), "--threads", str(threads), "--quiet"])
    said = run([sys.executable, str(HERE / "quantise.py"), str(plain), str(target),
                "--weight-bits", str(made["weight_bits"])])
    print(said.strip(), file=sys.stderr, flush=True)
    # The model in f32 is not wanted any more, and larger than all else here.
    plain.unlink()
    note.write_text(json.dumps(made, indent=1) + "\n")
    return target


def run(command: list[str]) -> str:
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines()
        raise EngineError(f"{pathlib.Path(command[0]).name}: {lines[-1] if lines else result.returncode}")
    return result.stdout
