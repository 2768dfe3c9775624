"""
Folders of Orbax exported as safetensors by `stateglass export`, held against what Orbax itself restores: names, types, shapes and every
bit. The last line is `N passed, N failed`.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"

import logging
import subprocess
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import jax
import numpy as np
import orbax.checkpoint as ocp
from real.saved import FIXTURES, ROOT
from safetensors.torch import load_file
import torch

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
NAMES = ["ocdbt", "ocdbt-zarr3", "zarr2", "nnx", "nnx-pure"]


def flat(value, path=()):
    if isinstance(value, dict):
        return {key: item for name, inner in value.items() for key, item in flat(inner, (*path, str(name))).items()}
    if isinstance(value, list):
        return {key: item for i, inner in enumerate(value) for key, item in flat(inner, (*path, str(i))).items()}
    if value is None or isinstance(value, str):
        return {}
    if hasattr(value, "dtype") and jax.numpy.issubdtype(value.dtype, jax.dtypes.prng_key):
        value = jax.random.key_data(value)
    parts = path[:-1] if path[-1] == "value" else path
    return {".".join(parts): np.asarray(value)}


def bits(array):
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def check(name, folder):
    with zipfile.ZipFile(FIXTURES / "orbax" / f"{name}.zip") as file:
        file.extractall(folder)
    out = folder / f"{name}.safetensors"
    subprocess.run(["node", str(ROOT / "tools/cli.mjs"), "export", str(folder / name), "-o", str(out)], check=True, capture_output=True)
    wanted = flat(ocp.Checkpointer(ocp.PyTreeCheckpointHandler()).restore(folder / name))
    found = load_file(out)
    assert found.keys() == wanted.keys(), found.keys() ^ wanted.keys()
    for key, array in wanted.items():
        tensor = found[key]
        assert list(tensor.shape) == list(array.shape), key
        assert str(tensor.dtype).removeprefix("torch.") == array.dtype.name, f"{key}: {tensor.dtype} for {array.dtype}"
        assert np.array_equal(tensor.contiguous().flatten().view(torch.uint8).numpy(), bits(array)), key


if __name__ == "__main__":
    failed = 0
    for name in NAMES:
        with tempfile.TemporaryDirectory(prefix="stateglass-interop-") as folder:
            try:
                check(name, Path(folder))
            except Exception as error:  # a library's own refusal is a failed check, like any other
                failed += 1
                print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
    print(f"{len(NAMES) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
