"""
Statistics of every tensor of a safetensors file with numpy, the way a person who knows it writes them: the file is mapped,
chunks of a million elements stay in the cache, and a thread for each core works on chunks of its own (numpy lets go of the interpreter in its loops).
bf16 goes by a count of its 65,536 codes, as this project does; f32 by its moments in f64 and a count of the upper halves of
its bits.

Prints one JSON line: seconds from the call to the last result, and per tensor what is compared.
"""

import json
import os
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

CHUNK = 2**20


def count_codes(part):
    return np.bincount(part, minlength=65536)


def stats_of_codes(words, pool):
    counts = sum(pool.map(count_codes, np.array_split(words, -(-words.size // CHUNK))))
    with np.errstate(invalid="ignore"):
        codes = (np.arange(65536, dtype=np.uint32) << 16).view(np.float32).astype(np.float64)
    used = np.isfinite(codes) & (counts > 0)
    values, times = codes[used], counts[used]
    mean = (values * times).sum() / times.sum()
    return {
        "count": words.size, "min": values.min(), "max": values.max(), "mean": mean, "std": np.sqrt(((values - mean) ** 2 * times).sum() / times.sum()),
        "l1": (np.abs(values) * times).sum(), "l2": np.sqrt((values**2 * times).sum()), "zeros": counts[codes == 0].sum(),
        "nan": counts[np.isnan(codes)].sum(), "posinf": counts[codes == np.inf].sum(), "neginf": counts[codes == -np.inf].sum(),
    }


def sum_floats(part, shift):
    bins = np.bincount(part.view(np.uint32) >> 16, minlength=65536)
    zeros, nan, posinf, neginf = part.size - np.count_nonzero(part), 0, 0, 0
    low, high = part.min(), part.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        nan, posinf, neginf = np.isnan(part).sum(), (part == np.inf).sum(), (part == -np.inf).sum()
        part = part[np.isfinite(part)]
        low, high = part.min(initial=np.inf), part.max(initial=-np.inf)
    wide = part.astype(np.float64)
    l2 = np.dot(wide, wide)
    l1 = np.abs(wide).sum()
    wide -= shift
    return bins, (part.size, wide.sum(), np.dot(wide, wide), l1, l2, zeros, nan, posinf, neginf), low, high


def stats_of_floats(flat, pool):
    shift = np.float64(flat[0])
    parts = list(pool.map(lambda part: sum_floats(part, shift), np.array_split(flat, -(-flat.size // CHUNK))))
    sum(part[0] for part in parts)
    n, total, squares, l1, l2, zeros, nan, posinf, neginf = np.sum([part[1] for part in parts], axis=0)
    mean = total / n
    return {
        "count": flat.size, "min": min(part[2] for part in parts), "max": max(part[3] for part in parts), "mean": mean + shift,
        "std": np.sqrt(squares / n - mean**2), "l1": l1, "l2": np.sqrt(l2), "zeros": zeros, "nan": nan, "posinf": posinf, "neginf": neginf,
    }


started = time.perf_counter()
with open(sys.argv[1], "rb") as file:
    (size,) = struct.unpack("<Q", file.read(8))
    header = json.loads(file.read(size))
data = np.memmap(sys.argv[1], np.uint8, "r", 8 + size)
out = {}
with ThreadPoolExecutor(os.cpu_count()) as pool:
    for key, entry in header.items():
        if key == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        if entry["dtype"] == "F32":
            stats = stats_of_floats(data[begin:end].view(np.float32), pool)
        else:
            stats = stats_of_codes(data[begin:end].view(np.uint16), pool)
        out[key] = {name: float(value) for name, value in stats.items()}
print(json.dumps({"seconds": time.perf_counter() - started, "stats": out}))
