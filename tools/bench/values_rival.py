"""What a person does today: a slice of one tensor by `safe_open(file).get_slice(key)`, timed from opening to the numbers.

Prints one JSON line. Needs safetensors and torch.
"""
import json
import sys
import time

from safetensors import safe_open

path, key, rows, columns = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
runs = []
for _ in range(5):
    started = time.perf_counter()
    with safe_open(path, "pt") as file:
        part = file.get_slice(key)[:rows, :columns].double().tolist()
    runs.append((time.perf_counter() - started) * 1000)
print(json.dumps({"ms": sorted(runs)[2], "values": part}))
