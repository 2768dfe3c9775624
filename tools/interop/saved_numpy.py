"""
NumPy arrays saved with edits, read by NumPy: every array that was not edited, and what NumPy makes of those that were. The last line is
`N passed, N failed`.
"""

import sys

import ml_dtypes
import numpy as np
from real.saved import FIXTURES, check_saved, edit


def read(path):
    found = np.load(path)
    return {path.stem: found} if isinstance(found, np.ndarray) else {key: found[key] for key in found.files}


def bfloat16(array):
    """Two raw bytes, as NumPy reads what `ml_dtypes` and MLX save."""
    return array.view(ml_dtypes.bfloat16) if array.dtype.kind == "V" and array.dtype.itemsize == 2 else array


def put(array, value):
    changed = np.array(array, order="C").astype(array.dtype.newbyteorder("="))
    changed[(0,) * changed.ndim] = value
    return changed


def archive_cases(path, key):
    """A name that is in the archive, of a float array of two dimensions or more."""
    # Dots that are typed become slashes where names have those.
    dot = "/" if "/" in key else "."
    new, copy = f"a{dot}new{dot}name", f"copy{dot}of{dot}it"
    zero = ", ".join("0" for _ in read(FIXTURES / path)[key].shape)
    return [
        (path, [], lambda s: s),
        (path, [edit("rename", key=key, to="a.new.name")], lambda s: {new if n == key else n: a for n, a in s.items()}),
        (path, [edit("delete", keys=[key])], lambda s: {n: a for n, a in s.items() if n != key}),
        (path, [edit("duplicate", key=key, to="copy.of.it")], lambda s: {**s, copy: s[key]}),
        (path, [edit("set-elements", key=key, slice=zero, values=1.5)], lambda s: {**s, key: put(s[key], 1.5)}),
        (path, [edit("cast", keys=[key], dtype="f16")], lambda s: {**s, key: s[key].astype("f2")}),
        (path, [edit("transpose", key=key, axes=[1, 0])], lambda s: {**s, key: s[key].T}),
        (path, [edit("add-tensor", key="added", dtype="i32", shape=[2, 3], **{"with": "ones"})], lambda s: {**s, "added": np.ones((2, 3), "i4")}),
    ]


def array_cases(path, key):
    return [
        (path, [], lambda s: s),
        (path, [edit("set-elements", key=key, slice="0, 0", values=1.5)], lambda s: {n: put(a, 1.5) for n, a in s.items()}),
        (path, [edit("cast", keys=[key], dtype="f16")], lambda s: {n: a.astype("f2") for n, a in s.items()}),
    ]


CASES = [
    *archive_cases("numpy/dtypes.npz", "f32"),
    *archive_cases("numpy/orders.npz", "f64.big"),
    *archive_cases("numpy/orders.npz", "f32.fortran"),
    ("numpy/records.npz", [], lambda s: s),
    *archive_cases("numpy/slashes.npz", "params/Dense_0/kernel"),
    *archive_cases("numpy/mixed.npz", "fc.weight"),
    ("numpy/narrow.npz", [edit("set-elements", key="layers.1.weight", slice="0, 0", values=1.5)], lambda s: {**s, "layers.1.weight": put(bfloat16(s["layers.1.weight"]), 1.5)}),
    ("numpy/narrow.npz", [edit("rename", key="layers.1.weight", to="w")], lambda s: {"w" if n == "layers.1.weight" else n: a for n, a in s.items()}),
    ("numpy/texts.npz", [edit("set-value", key="word", text="𝄞 two words")], lambda s: {**s, "word": np.array("𝄞 two words")}),
    ("numpy/texts.npz", [edit("delete", keys=["bytes"])], lambda s: {n: a for n, a in s.items() if n != "bytes"}),
    ("numpy/records.npz", [edit("delete", keys=[f"packed.{n}" for n in ("id", "x", "y", "tag", "name")])], lambda s: {n: a for n, a in s.items() if n != "packed"}),
    *array_cases("numpy/fc.weight.npy", "fc.weight"),
    *array_cases("numpy/fortran.npy", "fortran"),
]


def check(case, written):
    path, edits, expected = case
    wanted, found = expected(read(FIXTURES / path)), read(written)
    assert found.keys() == wanted.keys(), sorted(found.keys() ^ wanted.keys())
    for key, array in wanted.items():
        if isinstance(array, bytes):
            assert found[key] == array, key
            continue
        a, b = bfloat16(found[key]), bfloat16(array)
        assert a.shape == b.shape and a.dtype.newbyteorder("=") == b.dtype.newbyteorder("="), (key, a.dtype, b.dtype)
        assert np.ascontiguousarray(a.astype(b.dtype)).tobytes() == np.ascontiguousarray(b).tobytes(), key
    if not edits:
        assert written.read_bytes() == (FIXTURES / path).read_bytes(), "bytes"


if __name__ == "__main__":
    # An array is called as its file.
    sys.exit(check_saved(CASES, None, check))
