"""What a person does today: `onnx.load(file, load_external_data=False)` and the names of the initialisers. Prints one JSON line.

checksum: SHA-256 of the sorted names, one a line. Needs only the onnx package.
"""
import hashlib
import json
import sys
import time

import onnx

path = sys.argv[1]
runs = []
for _ in range(3):
    started = time.perf_counter()
    model = onnx.load(path, load_external_data=False)
    names = [tensor.name for tensor in model.graph.initializer]
    runs.append((time.perf_counter() - started) * 1000)
    del model
digest = hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
print(json.dumps({"ms": min(runs), "checksum": digest}))
