"""
Models that are split by size, against huggingface_hub's own splitting of the same tensors: names of the files, which tensor is where and in
what order, the index and the files to the byte. The last line is `N passed, N failed`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import load_file

ROOT = Path(__file__).resolve().parents[2]
OUT = Path(tempfile.mkdtemp(prefix="stateglass-interop-"))
SIZES = ["1KB", "2.5KB", "10KB", "0.1MB", "1GB"]


def models():
    """Ordered as a state dict is, with tensors longer than some of the sizes, and names that JSON has to escape."""
    generator = torch.Generator().manual_seed(0)
    layers = {}
    for i in range(12):
        layers[f"h.{i}.weight"] = torch.randn(8 + 13 * i, 24, generator=generator).to([torch.float32, torch.bfloat16, torch.float16][i % 3])
        layers[f"h.{i}.bias"] = torch.randn(8 + 13 * i, generator=generator)
    yield "layers", {"wte": torch.randn(300, 24, generator=generator), **layers, "scale": torch.tensor(2.5), "empty": torch.zeros(0, 3)}
    yield "names", {name: torch.arange(400, dtype=torch.int16) for name in ["z", "ключ", 'quo"te\\', "😀", "a\tb", "\x7f"]}
    yield "one", {"giant": torch.zeros(70_000, dtype=torch.uint8)}


def run(*arguments):
    ran = subprocess.run(["node", str(ROOT / "tools/cli.mjs"), *arguments], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def check(name, tensors, size):
    source, ours, theirs, one = OUT / f"{name}.pt", OUT / f"{name}-{size}", OUT / f"{name}-{size}-hub", OUT / f"{name}-{size}.safetensors"
    torch.save(tensors, source)
    theirs.mkdir()
    save_torch_state_dict(dict(tensors), theirs, max_shard_size=size)
    run("split", str(source), "--max-shard-size", size, "-o", str(ours))
    names = sorted(file.name for file in theirs.iterdir())
    assert sorted(file.name for file in ours.iterdir()) == names, names
    for file in names:
        assert (ours / file).read_bytes() == (theirs / file).read_bytes(), file
    indexes = [file for file in names if file.endswith(".json")]
    if indexes:
        weights = json.loads((ours / indexes[0]).read_text())["weight_map"]
        assert list(weights) == list(json.loads((theirs / indexes[0]).read_text())["weight_map"]), "order"
    run("convert", str(ours), "-o", str(one))
    again = load_file(one)
    assert again.keys() == tensors.keys() and all(torch.equal(again[key], tensors[key]) for key in tensors), "one file again"


if __name__ == "__main__":
    passed = failed = 0
    try:
        for name, tensors in models():
            for size in SIZES:
                try:
                    check(name, tensors, size)
                    passed += 1
                except Exception as error:  # a library's own refusal is a failed check, like any other
                    failed += 1
                    print(f"FAILED {name} {size}: {type(error).__name__}: {error}", flush=True)
    finally:
        shutil.rmtree(OUT)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
