"""
Statistics of every tensor of a safetensors file with torch, the way a person who knows it writes them: the file is mapped,
tensors are taken in chunks of a million elements that stay in the cache, all threads of torch are used. Half-precision types go by a count of
their 65,536 codes, as this project does; f32 by its moments in f64 and a count of the upper halves of its bits.

Prints one JSON line: seconds from the call to the last result, and per tensor what is compared.
"""

import json
import sys
import time

import torch
from safetensors import safe_open

CHUNK = 2**20


def stats_of_codes(flat):
    codes = torch.arange(65536, dtype=torch.int32).to(torch.uint16).view(flat.dtype).double()
    counts = torch.zeros(65536, dtype=torch.int64)
    words = flat.view(torch.uint16)
    for part in words.split(CHUNK):
        counts += torch.bincount(part.int(), minlength=65536)
    nan, inf = counts[codes.isnan()].sum(), (counts[codes == torch.inf].sum(), counts[codes == -torch.inf].sum())
    used = codes.isfinite() & (counts > 0)
    values, times = codes[used], counts[used].double()
    n = times.sum()
    mean = (values * times).sum() / n
    square = ((values - mean) ** 2 * times).sum()
    return {
        "count": flat.numel(), "min": values.min(), "max": values.max(), "mean": mean, "std": (square / n).sqrt(), "l1": (values.abs() * times).sum(),
        "l2": (values**2 * times).sum().sqrt(), "zeros": counts[codes == 0].sum(), "nan": nan, "posinf": inf[0], "neginf": inf[1],
    }


def stats_of_floats(flat):
    bins = torch.zeros(65536, dtype=torch.int64)
    shift = flat[0].double()
    n = total = squares = l1 = l2 = zeros = nan = posinf = neginf = 0
    low, high = torch.inf, -torch.inf
    for part in flat.split(CHUNK):
        bins += torch.bincount((part.view(torch.int32) >> 16) & 0xFFFF, minlength=65536)
        smallest, largest = part.aminmax()
        zeros += part.numel() - part.count_nonzero()
        if not (smallest - smallest + largest - largest == 0):
            nan, posinf, neginf = nan + part.isnan().sum(), posinf + (part == torch.inf).sum(), neginf + (part == -torch.inf).sum()
            part = part[part.isfinite()]
            if part.numel() == 0:
                continue
            smallest, largest = part.aminmax()
        low, high = min(low, float(smallest)), max(high, float(largest))
        n += part.numel()
        wide = part.double()
        l1 += wide.abs().sum()
        l2 += torch.dot(wide, wide)
        wide -= shift
        total += wide.sum()
        squares += torch.dot(wide, wide)
    mean = total / n
    return {
        "count": flat.numel(), "min": low, "max": high, "mean": mean + shift, "std": (squares / n - mean**2).sqrt(), "l1": l1, "l2": l2.sqrt(),
        "zeros": zeros, "nan": nan, "posinf": posinf, "neginf": neginf,
    }


started = time.perf_counter()
out = {}
with safe_open(sys.argv[1], "pt") as file:
    for key in file.keys():
        flat = file.get_tensor(key).reshape(-1)
        out[key] = (stats_of_floats if flat.dtype == torch.float32 else stats_of_codes)(flat)
out = {key: {name: float(value) for name, value in stats.items()} for key, stats in out.items()}
print(json.dumps({"seconds": time.perf_counter() - started, "stats": out}))
