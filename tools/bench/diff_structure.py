"""
The structure of two safetensors files side by side, the way a person writes it: keys, dtypes and shapes, no values.

Prints one JSON line: seconds from opening the files to the last line, and `KEY DTYPE [DIMS] DTYPE [DIMS] STATUS` for each key, sorted.
"""

import json
import sys
import time

from safetensors import safe_open


def structure(path):
    with safe_open(path, "np") as file:
        slices = {key: file.get_slice(key) for key in file.keys()}
        return {key: f"{part.get_dtype().lower()} {part.get_shape()}" for key, part in slices.items()}


def line(key, a, b):
    status = "added" if a is None else "removed" if b is None else "same" if a == b else "changed"
    return " ".join([key, a or "-", b or "-", status])


started = time.perf_counter()
first, second = structure(sys.argv[1]), structure(sys.argv[2])
lines = sorted(line(key, first.get(key), second.get(key)) for key in first.keys() | second.keys())
print(json.dumps({"seconds": time.perf_counter() - started, "lines": lines}))
