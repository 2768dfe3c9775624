"""
safetensors files saved with edits, read by the package: every value that was not edited, and what torch makes of those that were. The
last line is `N passed, N failed`.
"""

import sys

import torch
from real.saved import FIXTURES, check_saved, edit
from safetensors import safe_open


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


def cases_of(path):
    key = first_of(path)
    return [
        (path, [], lambda s: s),
        (path, [edit("rename", key=key, to=f"{key}.renamed")], lambda s: {f"{n}.renamed" if n == key else n: t for n, t in s.items()}),
        (path, [edit("delete", keys=[key])], lambda s: {n: t for n, t in s.items() if n != key}),
        (path, [edit("duplicate", key=key, to="copy.of.it")], lambda s: {**s, "copy.of.it": s[key]}),
        (path, [edit("set-elements", key=key, slice="1, 0", values=1.5)], lambda s: {**s, key: patched(s[key])}),
        (path, [edit("fill", key=key, **{"with": "ones"})], lambda s: {**s, key: torch.ones_like(s[key])}),
        (path, [edit("cast", keys=[key], dtype="bf16")], lambda s: {**s, key: s[key].to(torch.bfloat16)}),
        (path, [edit("transpose", key=key, axes=[1, 0])], lambda s: {**s, key: s[key].T}),
        (path, [edit("set-metadata", key="note", text="Ünï \"quoted\"")], lambda s: s),
    ]


PATHS = [
    "export/tensors.safetensors",
    "safetensors/tiny.safetensors",
    "health/clean/llama/model.safetensors",
    "health/clean/gpt2-fresh/model.safetensors",
    "safetensors/lora.safetensors",
]
CASES = [case for path in PATHS for case in cases_of(path)]


def bits(tensor):
    return tensor.contiguous().flatten().view(torch.uint8)


def check(case, written):
    path, edits, expected = case
    before, metadata = read(FIXTURES / path)
    after, after_metadata = read(written)
    wanted = expected(before)
    assert after.keys() == wanted.keys(), sorted(after.keys() ^ wanted.keys())
    for key, tensor in wanted.items():
        found = after[key]
        assert found.dtype == tensor.dtype and found.shape == tensor.shape, key
        assert found.numel() == 0 or torch.equal(bits(found), bits(tensor)), key
    notes = {e["args"]["key"]: e["args"]["text"] for e in edits if e["op"] == "set-metadata"}
    assert (after_metadata or {}) == {**(metadata or {}), **notes}, "metadata"
    if not edits:
        assert written.read_bytes() == (FIXTURES / path).read_bytes(), "bytes"


if __name__ == "__main__":
    sys.exit(check_saved(CASES, ".safetensors", check))
