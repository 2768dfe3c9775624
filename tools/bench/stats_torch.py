"""
Statistics of every tensor of a safetensors file with torch, the way a person who knows it writes them: the file is mapped, and
a thread for each core works on chunks of a quarter of a million elements, which stay in the cache (counting in torch is serial, and
this is faster than its own threads inside each step). Half-precision types go by a count of their 65,536 codes, as this project does; f32
by its moments in f64 and a count of the upper halves of its bits.

Prints one JSON line: seconds from the call to the last result, and per tensor what is compared.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import torch
from safetensors import safe_open

CHUNK = 2**18
QUANTILES = torch.tensor([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99], dtype=torch.float64)


def quantiles(value_at, total):
    """By linear interpolation between the elements at two places, as numpy and torch do it."""
    at = (total - 1) * QUANTILES
    below = at.floor()
    a, b, t = value_at(below), value_at((below + 1).clamp(max=total - 1)), at - below
    return torch.where(t >= 0.5, b - (b - a) * (1 - t), a + (b - a) * t)


def values_of_codes(dtype):
    """What the codes of a type stand for, and those of finite numbers in the order of their values."""
    values = torch.arange(65536, dtype=torch.int32).to(torch.uint16).view(dtype).double()
    finite = values.isfinite().nonzero()[:, 0]
    return values, finite[values[finite].argsort(stable=True)]


def first_place(parts, extremes, value):
    """Of the first element with a value: in the first chunk whose extreme it is."""
    chunk = extremes.index(value)
    return chunk * CHUNK + int((parts[chunk] == value).int().argmax())


def stats_of_codes(flat, pool):
    codes, order = values_of_codes(flat.dtype)
    values = codes[order]

    def count(part):
        counts = torch.bincount(part.view(torch.uint16).int(), minlength=65536)
        seen = counts[order].nonzero()
        return (counts, float(values[seen[0]]), float(values[seen[-1]])) if len(seen) else (counts, torch.inf, -torch.inf)

    parts = flat.split(CHUNK)
    counted, lows, highs = zip(*pool.map(count, parts))
    counts = sum(counted)
    times, upto = counts[order].double(), counts[order].cumsum(0)
    n, low, high = float(times.sum()), min(lows), max(highs)
    mean = (values * times).sum() / n
    return {
        "count": flat.numel(), "min": low, "max": high, "minAt": first_place(parts, lows, low), "maxAt": first_place(parts, highs, high),
        "absmax": max(-low, high), "mean": mean, "std": (((values - mean) ** 2 * times).sum() / n).sqrt(), "l1": (values.abs() * times).sum(),
        "l2": (values**2 * times).sum().sqrt(), "zeros": counts[codes == 0].sum(), "nan": counts[codes.isnan()].sum(),
        "posinf": counts[codes == torch.inf].sum(), "neginf": counts[codes == -torch.inf].sum(),
        "quantiles": quantiles(lambda place: values[torch.searchsorted(upto, place.long(), right=True)], n),
    }


def stats_of_floats(flat, pool):
    shift = flat[0].double()

    def sums(part):
        bins = torch.bincount((part.view(torch.int32) >> 16) & 0xFFFF, minlength=65536)
        zeros, nan, posinf, neginf = part.numel() - int(part.count_nonzero()), 0, 0, 0
        low, high = (float(x) for x in part.aminmax())
        if not low - low + high - high == 0:
            nan, posinf, neginf = int(part.isnan().sum()), int((part == torch.inf).sum()), int((part == -torch.inf).sum())
            part = part[part.isfinite()]
            low, high = (float(x) for x in part.aminmax()) if part.numel() else (torch.inf, -torch.inf)
        wide = part.double()
        l1, l2 = float(wide.abs().sum()), float(torch.dot(wide, wide))
        wide -= shift
        return bins, (part.numel(), float(wide.sum()), float(torch.dot(wide, wide)), l1, l2, zeros, nan, posinf, neginf), low, high

    parts = flat.split(CHUNK)
    binned, summed, lows, highs = zip(*pool.map(sums, parts))
    n, total, squares, l1, l2, zeros, nan, posinf, neginf = torch.tensor(summed, dtype=torch.float64).sum(0)
    mean, low, high = total / n, min(lows), max(highs)
    codes, order = values_of_codes(torch.bfloat16)
    times = sum(binned)[order]
    upto = times.cumsum(0)
    # A bin reaches from its code's value away from zero to the next; its elements are taken to lie evenly in it.
    magnitudes = (order & 0x7FFF) << 16
    ends = torch.stack([codes[order], torch.copysign((magnitudes + 65536).int().view(torch.float32).double(), codes[order])])
    starts, stops = ends.amin(0).clamp(low, high), ends.amax(0).clamp(low, high)

    def value_at(place):
        bin = torch.searchsorted(upto, place.long(), right=True)
        return starts[bin] + (stops[bin] - starts[bin]) * ((place - upto[bin] + times[bin] + 0.5) / times[bin])

    return {
        "count": flat.numel(), "min": low, "max": high, "minAt": first_place(parts, lows, low), "maxAt": first_place(parts, highs, high),
        "absmax": max(-low, high), "mean": mean + shift, "std": (squares / n - mean**2).sqrt(), "l1": l1, "l2": l2.sqrt(), "zeros": zeros, "nan": nan,
        "posinf": posinf, "neginf": neginf, "quantiles": quantiles(value_at, float(n)),
    }


started = time.perf_counter()
torch.set_num_threads(1)
out = {}
with safe_open(sys.argv[1], "pt") as file, ThreadPoolExecutor(os.cpu_count()) as pool:
    for key in file.keys():
        flat = file.get_tensor(key).reshape(-1)
        stats = (stats_of_floats if flat.dtype == torch.float32 else stats_of_codes)(flat, pool)
        out[key] = {name: value.tolist() if name == "quantiles" else float(value) for name, value in stats.items()}
print(json.dumps({"seconds": time.perf_counter() - started, "stats": out}))
