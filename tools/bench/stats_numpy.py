"""
Statistics of every tensor of a safetensors file with numpy, the way a person who knows it writes them: the file is mapped,
chunks of a quarter of a million elements stay in the cache, and a thread for each core works on chunks of its own (numpy lets go
of the interpreter in its loops). bf16 goes by a count of its 65,536 codes, as this project does; f32 by its moments in f64 and a
count of the upper halves of its bits.

Prints one JSON line: seconds from the call to the last result, and per tensor what is compared.
"""

import json
import os
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor

# A thread for each core is enough: those of its dot products would wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np

CHUNK = 2**18
QUANTILES = np.array([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
# What the codes of bf16 (and the upper halves of f32) stand for, and those of finite numbers in the order of their values.
CODES = (np.arange(65536, dtype=np.uint32) << 16).view(np.float32)
with np.errstate(invalid="ignore"):
    VALUES = CODES.astype(np.float64)
ORDER = np.flatnonzero(np.isfinite(VALUES))
ORDER = ORDER[np.argsort(VALUES[ORDER], kind="stable")]


def quantiles(value_at, total):
    """numpy's own interpolation between the elements at two places."""
    at = (total - 1) * QUANTILES
    below = np.floor(at)
    a, b, t = value_at(below), value_at(np.minimum(below + 1, total - 1)), at - below
    return np.where(t >= 0.5, b - (b - a) * (1 - t), a + (b - a) * t)


def count_codes(part):
    counts = np.bincount(part, minlength=65536)
    seen = np.flatnonzero(counts[ORDER])
    return (counts, VALUES[ORDER[seen[0]]], VALUES[ORDER[seen[-1]]]) if seen.size else (counts, np.inf, -np.inf)


def first_place(parts, extremes, value, values_of):
    """Of the first element with a value: in the first chunk whose extreme it is."""
    chunk = extremes.index(value)
    return sum(part.size for part in parts[:chunk]) + int((values_of(parts[chunk]) == value).argmax())


def stats_of_codes(words, pool):
    parts = np.array_split(words, -(-words.size // CHUNK))
    counted, lows, highs = zip(*pool.map(count_codes, parts))
    counts = sum(counted)
    times, values = counts[ORDER], VALUES[ORDER]
    n = times.sum()
    mean = (values * times).sum() / n
    upto = np.cumsum(times)
    return {
        "count": words.size, "min": min(lows), "max": max(highs), "minAt": first_place(parts, lows, min(lows), VALUES.take),
        "maxAt": first_place(parts, highs, max(highs), VALUES.take), "absmax": max(-min(lows), max(highs)), "mean": mean,
        "std": np.sqrt(((values - mean) ** 2 * times).sum() / n), "l1": (np.abs(values) * times).sum(), "l2": np.sqrt((values**2 * times).sum()),
        "zeros": counts[VALUES == 0].sum(), "nan": counts[np.isnan(VALUES)].sum(), "posinf": counts[VALUES == np.inf].sum(),
        "neginf": counts[VALUES == -np.inf].sum(),
        "quantiles": quantiles(lambda place: values[np.searchsorted(upto, place, "right")], n),
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
    parts = np.array_split(flat, -(-flat.size // CHUNK))
    binned, sums, lows, highs = zip(*pool.map(lambda part: sum_floats(part, shift), parts))
    n, total, squares, l1, l2, zeros, nan, posinf, neginf = np.sum(sums, axis=0)
    mean, low, high = total / n, min(lows), max(highs)
    times = sum(binned)[ORDER]
    # A bin reaches from its code's value away from zero to the next; its elements are taken to lie evenly in it.
    width = np.spacing(CODES[ORDER]).astype(np.float64) * 65536
    ends = VALUES[ORDER], VALUES[ORDER] + width
    starts, stops = np.clip(np.minimum(*ends), low, high), np.clip(np.maximum(*ends), low, high)
    upto = np.cumsum(times)

    def value_at(place):
        bin = np.searchsorted(upto, place, "right")
        return starts[bin] + (stops[bin] - starts[bin]) * ((place - upto[bin] + times[bin] + 0.5) / times[bin])

    return {
        "count": flat.size, "min": low, "max": high, "minAt": first_place(parts, lows, low, np.asarray), "maxAt": first_place(parts, highs, high, np.asarray),
        "absmax": max(-low, high), "mean": mean + shift, "std": np.sqrt(squares / n - mean**2), "l1": l1, "l2": np.sqrt(l2), "zeros": zeros,
        "nan": nan, "posinf": posinf, "neginf": neginf, "quantiles": quantiles(value_at, n),
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
        out[key] = {name: value.tolist() if name == "quantiles" else float(value) for name, value in stats.items()}
print(json.dumps({"seconds": time.perf_counter() - started, "stats": out}))
