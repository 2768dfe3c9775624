"""
What a person does in Python: `gguf.quants.dequantize` of a file of blocks in memory.

Prints one JSON line: least seconds of the processor, and the SHA-256 of the f32 values. Needs gguf.
"""

import hashlib
import json
import sys
import time

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

RUNS = 8

path, name = sys.argv[1], sys.argv[2]
kind = GGMLQuantizationType[name.upper()]
# Rows of 4096 elements, as weights have.
elements, size = GGML_QUANT_SIZES[kind]
blocks = np.fromfile(path, dtype=np.uint8).reshape(-1, 4096 // elements * size)
seconds = []
for _ in range(RUNS):
    started = time.process_time()
    with np.errstate(all="ignore"):
        values = quants.dequantize(blocks, kind)
    seconds.append(time.process_time() - started)
print(json.dumps({"seconds": min(seconds), "checksum": hashlib.sha256(values.tobytes()).hexdigest()}))
