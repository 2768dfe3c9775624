"""Renames the keys of a safetensors file as one does today: everything is loaded, renamed and written again."""

import hashlib
import json
import re
import sys
import time

from safetensors.torch import load_file, save_file

path, out = sys.argv[1:]
began = time.perf_counter()
tensors = load_file(path)
renamed = {re.sub(r"^model\.layers\.(\d+)\.", r"h.\1.", key): tensor for key, tensor in tensors.items()}
save_file(renamed, out)
ms = (time.perf_counter() - began) * 1000

TYPES = {"torch.bfloat16": "bf16", "torch.float16": "f16", "torch.float32": "f32"}
lines = sorted(f"{key} {TYPES[str(t.dtype)]} {'x'.join(map(str, t.shape))}" for key, t in load_file(out).items())
print(json.dumps({"ms": ms, "checksum": hashlib.sha256("\n".join(lines).encode()).hexdigest()}))
