"""
Every tensor of one safetensors file compared with its namesake in another, with numpy, the way a person who knows it writes it: both files
are mapped, chunks stay in the cache, and a thread for each core works on chunks of its own (numpy lets go of the interpreter in its loops).

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

CHUNK = 2**17
TOP = 32
# What the upper halves of the bits of an f32 stand for, in the order of their values; both zeros stand together.
with np.errstate(invalid="ignore"):
    CODES = (np.arange(65536, dtype=np.uint32) << 16).view(np.float32).astype(np.float64)
ORDER = np.flatnonzero(np.isfinite(CODES))
ORDER = ORDER[np.argsort(CODES[ORDER], kind="stable")]


def floats(words):
    return words.view(np.float32) if words.dtype == np.uint32 else (words.astype(np.uint32) << 16).view(np.float32)


def compare_chunk(a, b):
    changed = np.count_nonzero(a != b)
    x, y = floats(a), floats(b)
    delta = y - x
    low, high = delta.min(), delta.max()
    lost = (0, 0, 0)
    if not (np.isfinite(low) and np.isfinite(high)):
        fx, fy = np.isfinite(x), np.isfinite(y)
        lost = np.count_nonzero(~fx & fy), np.count_nonzero(fx & ~fy), np.count_nonzero(~fx & ~fy)
        both = fx & fy
        x, y, delta = x[both], y[both], delta[both]
        low, high = delta.min(initial=np.inf), delta.max(initial=-np.inf)
    bins = np.bincount(delta.view(np.uint32) >> 16, minlength=65536)
    flips = np.count_nonzero((x * y) < 0)
    x, y, wide = x.astype(np.float64), y.astype(np.float64), delta.astype(np.float64)
    sums = np.abs(wide).sum(), np.dot(wide, wide), np.dot(x, x), np.dot(y, y), np.dot(x, y)
    return low, high, bins, sums, (changed, flips, delta.size, *lost)


def compare(a, b, pool):
    starts = range(0, a.size, CHUNK)
    lows, highs, bins, sums, counts = zip(*pool.map(lambda at: compare_chunk(a[at : at + CHUNK], b[at : at + CHUNK]), starts))
    changed, flips, n, only_a, only_b, both = np.sum(counts, axis=0).tolist()
    l1, squares, aa, bb, ab = np.sum(sums, axis=0).tolist()
    low, high, times = min(lows), max(highs), sum(bins)
    times[0] += times[32768]
    times[32768] = 0

    def delta_of(chunk):
        part = slice(chunk * CHUNK, (chunk + 1) * CHUNK)
        return floats(b[part]) - floats(a[part])

    def first_place(extremes, value):
        chunk = extremes.index(value)
        return chunk * CHUNK + int((delta_of(chunk) == value).argmax())

    # The largest differences lie in the chunks with the largest extremes.
    sizes = np.maximum(-np.array(lows), np.array(highs))
    least = np.partition(sizes, -TOP)[-TOP] if sizes.size >= TOP else 0
    cells = []
    for chunk in np.flatnonzero(sizes >= least):
        size = np.nan_to_num(np.abs(delta_of(chunk)), nan=0, posinf=0)
        at = np.flatnonzero((size >= least) & (size > 0))
        if at.size > 4 * TOP:
            at = at[np.argsort(-size[at], kind="stable")[:TOP]]
        cells += [(-float(size[i]), int(chunk * CHUNK + i)) for i in at]
    top = [place for _, place in sorted(cells)[:TOP]]
    used = times[ORDER]
    return {
        "count": a.size, "changed": changed, "signFlips": flips, "onlyA": only_a, "onlyB": only_b, "both": both, "maxAbsAt": top[0] if top else -1,
        "minAt": first_place(lows, low), "maxAt": first_place(highs, high), "maxAbs": float(max(-low, high)), "meanAbs": l1 / n, "rms": (squares / n) ** 0.5,
        "relativeL2": (squares / aa) ** 0.5, "cosine": ab / (aa * bb) ** 0.5, "l2A": aa**0.5, "l2B": bb**0.5, "min": float(low), "max": float(high),
        "top": top, "bins": used[used > 0].tolist(),
    }


def open_file(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    data = np.memmap(path, np.uint8, "r", 8 + size)
    return {
        key: data[slice(*entry["data_offsets"])].view(np.uint32 if entry["dtype"] == "F32" else np.uint16)
        for key, entry in header.items() if key != "__metadata__"
    }


started = time.perf_counter()
first, second = open_file(sys.argv[1]), open_file(sys.argv[2])
with ThreadPoolExecutor(os.cpu_count()) as pool:
    out = {key: compare(a, second[key], pool) for key, a in first.items()}
print(json.dumps({"seconds": time.perf_counter() - started, "found": out}))
