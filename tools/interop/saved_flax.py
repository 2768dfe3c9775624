"""
Flax files saved with edits, and state dicts exported as such, read by `flax.serialization`: every value that was not edited, and what
the edits make of the others. The last line is `N passed, N failed`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import ml_dtypes
import numpy as np
from flax import serialization
from real.saved import FIXTURES, ROOT, check_saved, edit
from safetensors.numpy import load_file


def restore(path):
    return serialization.msgpack_restore(path.read_bytes())


def same(got, wanted, path="root"):
    """Equal to the last bit, in the same order, and of the same Python types."""
    assert type(got) is type(wanted), f"{path}: {type(got)} for {type(wanted)}"
    if isinstance(wanted, dict):
        assert list(got) == list(wanted), f"{path}: {list(got)} for {list(wanted)}"
        for key in wanted:
            same(got[key], wanted[key], f"{path}.{key!r}")
    elif isinstance(wanted, list):
        assert len(got) == len(wanted), path
        for i, item in enumerate(wanted):
            same(got[i], item, f"{path}[{i}]")
    elif isinstance(wanted, (np.ndarray, np.generic)):
        assert got.dtype == wanted.dtype and got.shape == wanted.shape, f"{path}: {got.dtype} {got.shape}"
        assert got.tobytes() == wanted.tobytes(), path
    else:
        assert got == wanted, f"{path}: {got!r} for {wanted!r}"


def changed(tree, change):
    change(tree)
    return tree


def move(tree, old, new):
    """Renames a key where it stands."""
    return {new if key == old else key: value for key, value in tree.items()}


def set_cell(tree, path, place, value):
    *way, last = path
    for part in way:
        tree = tree[part]
    array = tree[last].copy()
    array[place] = value
    tree[last] = array


DENSE = ("params", "Dense_1")
CASES = [
    *[(f"flax/{name}.msgpack", [], lambda t: t) for name in ("linen", "train-state", "nnx-pure", "every-type", "keys", "chunked", "one-array")],
    ("flax/linen.msgpack", [edit("set-elements", key="params.Dense_1.kernel", slice="1, 0", values=1.5)],
     lambda t: changed(t, lambda t: set_cell(t, (*DENSE, "kernel"), (1, 0), 1.5))),
    ("flax/linen.msgpack", [edit("rename", key="params.Dense_1.bias", to="params.Dense_1.offset")],
     lambda t: changed(t, lambda t: t["params"].update(Dense_1=move(t["params"]["Dense_1"], "bias", "offset")))),
    ("flax/linen.msgpack", [edit("delete", keys=["batch_stats.BatchNorm_0.mean"])],
     lambda t: changed(t, lambda t: t["batch_stats"]["BatchNorm_0"].pop("mean"))),
    ("flax/linen.msgpack", [edit("cast", keys=["params.Dense_1.kernel"], dtype="bf16")],
     lambda t: changed(t, lambda t: t["params"]["Dense_1"].update(kernel=t["params"]["Dense_1"]["kernel"].astype(ml_dtypes.bfloat16)))),
    ("flax/linen.msgpack", [edit("transpose", key="params.Dense_1.kernel", axes=[1, 0])],
     lambda t: changed(t, lambda t: t["params"]["Dense_1"].update(kernel=np.ascontiguousarray(t["params"]["Dense_1"]["kernel"].T)))),
    ("flax/nnx-pure.msgpack", [edit("fill", key="layers.2.bias", **{"with": "ones"})],
     lambda t: changed(t, lambda t: t["layers"][2].update(bias=np.ones(2, np.float32)))),
    ("flax/nnx-pure.msgpack", [edit("delete", keys=["layers.1.bias", "layers.1.kernel"])],
     lambda t: changed(t, lambda t: t["layers"].pop(1))),
    ("flax/every-type.msgpack", [edit("set-value", key="plain.text", text="“new”")],
     lambda t: changed(t, lambda t: t["plain"].update(text="“new”"))),
    ("flax/every-type.msgpack", [edit("fill", key="scalars.step", **{"with": "ones"})],
     lambda t: changed(t, lambda t: t["scalars"].update(step=np.int32(1)))),
    ("flax/every-type.msgpack", [edit("duplicate", key="arrays.bfloat16", to="arrays.copy")],
     lambda t: changed(t, lambda t: t["arrays"].update(copy=t["arrays"]["bfloat16"]))),
    ("flax/chunked.msgpack", [edit("set-elements", key="embed", slice="1, 0", values=7.5)],
     lambda t: changed(t, lambda t: set_cell(t, ("embed",), (1, 0), 7.5))),
]


def check(case, written):
    path, edits, expected = case
    same(restore(written), expected(restore(FIXTURES / path)))
    if not edits:
        assert written.read_bytes() == (FIXTURES / path).read_bytes(), "bytes"


def nest(flat):
    tree = {}
    for key, value in flat.items():
        *way, last = key.split(".")
        at = tree
        for part in way:
            at = at.setdefault(part, {})
        at[last] = value
    return tree


def check_exported():
    """A state dict of another format, nested at its dots: the same bytes that flax writes for it."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.msgpack"
        source = FIXTURES / "safetensors/tiny.safetensors"
        subprocess.run(["node", str(ROOT / "tools/cli.mjs"), "export", str(source), "-o", str(out)], check=True, capture_output=True)
        wanted = nest(load_file(source))
        found = restore(out)
        order = lambda tree: {key: order(tree[key]) for key in sorted(tree)} if isinstance(tree, dict) else tree  # noqa: E731
        same(order(found), order(wanted))
        assert serialization.msgpack_serialize(found, in_place=True) == out.read_bytes(), "flax writes other bytes"


if __name__ == "__main__":
    check_exported()
    sys.exit(check_saved(CASES, ".msgpack", check))
