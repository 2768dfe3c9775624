"""
Every tensor of one safetensors file compared with its namesake in another, with torch, the way a person who knows it writes it: both files
are mapped, and a thread for each core works on chunks that stay in the cache (faster than torch's own threads inside each step).

Prints one JSON line: seconds from the call to the last result, and per tensor what is compared.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import torch
from safetensors import safe_open

CHUNK = 2**17
TOP = 32
WORDS = {torch.bfloat16: torch.int16, torch.float16: torch.int16, torch.float32: torch.int32}
# What the upper halves of the bits of an f32 stand for, in the order of their values; both zeros stand together.
CODES = torch.arange(65536, dtype=torch.int32).to(torch.uint16).view(torch.bfloat16).double()
ORDER = CODES.isfinite().nonzero()[:, 0]
ORDER = ORDER[CODES[ORDER].argsort(stable=True)]


def compare_chunk(a, b):
    changed = int((a.view(WORDS[a.dtype]) != b.view(WORDS[b.dtype])).count_nonzero())
    x, y = a.float(), b.float()
    delta = y - x
    low, high = (float(v) for v in delta.aminmax())
    lost = (0, 0, 0)
    if not low - low + high - high == 0:
        fx, fy = x.isfinite(), y.isfinite()
        lost = int((~fx & fy).sum()), int((fx & ~fy).sum()), int((~fx & ~fy).sum())
        both = fx & fy
        x, y, delta = x[both], y[both], delta[both]
        low, high = (float(v) for v in delta.aminmax()) if delta.numel() else (torch.inf, -torch.inf)
    bins = torch.bincount((delta.view(torch.int32) >> 16) & 0xFFFF, minlength=65536)
    flips = int(((x * y) < 0).count_nonzero())
    x, y, wide = x.double(), y.double(), delta.double()
    sums = torch.stack([wide.abs().sum(), torch.dot(wide, wide), torch.dot(x, x), torch.dot(y, y), torch.dot(x, y)])
    return low, high, bins, sums, (changed, flips, delta.numel(), *lost)


def compare(a, b, pool):
    parts = list(zip(a.split(CHUNK), b.split(CHUNK)))
    lows, highs, bins, sums, counts = zip(*pool.map(lambda part: compare_chunk(*part), parts))
    changed, flips, n, only_a, only_b, both = torch.tensor(counts).sum(0).tolist()
    l1, squares, aa, bb, ab = torch.stack(sums).sum(0).tolist()
    low, high, times = min(lows), max(highs), sum(bins)
    times[0] += times[32768]
    times[32768] = 0

    def delta_of(chunk):
        return parts[chunk][1].float() - parts[chunk][0].float()

    def first_place(extremes, value):
        chunk = extremes.index(value)
        return chunk * CHUNK + int((delta_of(chunk) == value).int().argmax())

    # The largest differences lie in the chunks with the largest extremes.
    sizes = torch.tensor([max(-x, y) for x, y in zip(lows, highs)], dtype=torch.float64)
    least = sizes.topk(min(TOP, len(sizes))).values[-1] if len(sizes) >= TOP else 0
    cells = []
    for chunk in (sizes >= least).nonzero()[:, 0].tolist():
        size = delta_of(chunk).abs()
        size[size.isnan()] = 0
        at = ((size >= least) & (size > 0)).nonzero()[:, 0]
        if len(at) > 4 * TOP:
            at = at[size[at].argsort(descending=True, stable=True)[:TOP]]
        cells += [(-float(size[i]), chunk * CHUNK + i) for i in at.tolist()]
    top = [place for _, place in sorted(cells)[:TOP]]
    used = times[ORDER]
    return {
        "count": a.numel(), "changed": changed, "signFlips": flips, "onlyA": only_a, "onlyB": only_b, "both": both, "maxAbsAt": top[0] if top else -1,
        "minAt": first_place(lows, low), "maxAt": first_place(highs, high), "maxAbs": max(-low, high), "meanAbs": l1 / n, "rms": (squares / n) ** 0.5,
        "relativeL2": (squares / aa) ** 0.5, "cosine": ab / (aa * bb) ** 0.5, "l2A": aa**0.5, "l2B": bb**0.5, "min": low, "max": high,
        "top": top, "bins": used[used > 0].tolist(),
    }


started = time.perf_counter()
torch.set_num_threads(1)
with safe_open(sys.argv[1], "pt") as first, safe_open(sys.argv[2], "pt") as second, ThreadPoolExecutor(os.cpu_count()) as pool:
    out = {key: compare(first.get_tensor(key).reshape(-1), second.get_tensor(key).reshape(-1), pool) for key in first.keys()}
print(json.dumps({"seconds": time.perf_counter() - started, "found": out}))
