"""
safetensors files saved with edits, read by the package: every value that was not edited, and what torch makes of those that were. The
last line is `N passed, N failed`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "src-core" / "fixtures"
OUT = Path(tempfile.mkdtemp(prefix="stateglass-interop-"))


def edit(op, **args):
    return {"op": op, "args": args}


def read(path):
    with safe_open(path, "pt") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, file.metadata()


def first_of(path, minimum=1):
    """A name that the fixture has, of a float matrix."""
    tensors, _ = read(FIXTURES / path)
    return next(k for k, t in sorted(tensors.items()) if t.is_floating_point() and t.element_size() > 1 and t.dim() == 2 and t.shape[0] > minimum)


def patched(tensor):
    changed = tensor.clone()
    changed[1, 0] = 1.5
    return changed


PLAIN = ["export/tensors.safetensors", "safetensors/tiny.safetensors", "safetensors/gptq-fp8.safetensors", "health/clean/llama/model.safetensors", "health/clean/gpt2-fresh/model.safetensors", "safetensors/odd-keys.safetensors"]
CASES = []
for path in [p for p in PLAIN if (FIXTURES / p).exists()]:
    try:
        key = first_of(path)
    except StopIteration:
        continue
    CASES += [
        (path, [], lambda s, k: s),
        (path, [edit("rename", key=key, to=f"{key}.renamed")], lambda s, k: {f"{n}.renamed" if n == k else n: t for n, t in s.items()}),
        (path, [edit("delete", keys=[key])], lambda s, k: {n: t for n, t in s.items() if n != k}),
        (path, [edit("duplicate", key=key, to="copy.of.it")], lambda s, k: {**s, "copy.of.it": s[k]}),
        (path, [edit("set-elements", key=key, slice="1, 0", values=1.5)], lambda s, k: {**s, k: patched(s[k])}),
        (path, [edit("fill", key=key, **{"with": "ones"})], lambda s, k: {**s, k: torch.ones_like(s[k])}),
        (path, [edit("cast", keys=[key], dtype="bf16")], lambda s, k: {**s, k: s[k].to(torch.bfloat16)}),
        (path, [edit("transpose", key=key, axes=[1, 0])], lambda s, k: {**s, k: s[k].T}),
        (path, [edit("set-metadata", key="note", text="Ünï \"quoted\"")], lambda s, k: s),
    ]
KEYS = {path: first_of(path) for path, _, _ in CASES}


def save_all():
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        for i, (path, edits, _) in enumerate(CASES):
            file.write(json.dumps({"from": str(FIXTURES / path), "to": str(OUT / f"{i}.safetensors"), "edits": edits}) + "\n")
        file.flush()
        ran = subprocess.run(["node", str(ROOT / "tools/run.mjs"), "tools/interop/save-edited.ts", file.name], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def bits(tensor):
    return tensor.contiguous().flatten().view(torch.uint8)


def check(number):
    path, edits, expected = CASES[number]
    before, metadata = read(FIXTURES / path)
    after, after_metadata = read(OUT / f"{number}.safetensors")
    wanted = expected(before, KEYS[path])
    assert after.keys() == wanted.keys(), sorted(after.keys() ^ wanted.keys())
    for key, tensor in wanted.items():
        found = after[key]
        assert found.dtype == tensor.dtype and found.shape == tensor.shape, key
        assert found.numel() == 0 or torch.equal(bits(found), bits(tensor)), key
    notes = {e["args"]["key"]: e["args"]["text"] for e in edits if e["op"] == "set-metadata"}
    assert (after_metadata or {}) == {**(metadata or {}), **notes}, "metadata"
    if not edits:
        assert (OUT / f"{number}.safetensors").read_bytes() == (FIXTURES / path).read_bytes(), "bytes"


def main():
    failed = 0
    save_all()
    for number in range(len(CASES)):
        try:
            check(number)
        except Exception as error:  # a library's own refusal is a failed check, like any other
            failed += 1
            print(f"FAILED {CASES[number][0]} {CASES[number][1]}: {type(error).__name__}: {error}", flush=True)
    shutil.rmtree(OUT)
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
