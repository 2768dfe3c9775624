"""
Files written by `stateglass export`, read by the libraries they are for: names, types, shapes and every bit of the values. The
last line is `N passed, N failed`.
"""

import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import ml_dtypes  # noqa: F401  (names bfloat16 and the float8 types to NumPy)
import numpy as np
import torch
from gguf import GGUFReader, quants
from safetensors import safe_open
from safetensors.torch import load_file, save_file

warnings.filterwarnings("ignore")
ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "src-core" / "fixtures"
OUT = Path(tempfile.mkdtemp(prefix="stateglass-interop-"))
NARROW = {torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu}
CHECKS = []


def check(*cases):
    """Registers a check of each case."""
    return lambda function: CHECKS.extend((function, case) for case in cases) or function


def export(source, name, *arguments):
    """Runs the command on a fixture and gives the path of the file it made."""
    path = OUT / name
    command = ["node", str(ROOT / "tools/cli.mjs"), "export", str(FIXTURES / source), *arguments, "-o", str(path), "--force"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return path


def tensors_of(path):
    """A flat state dict with lazy signs and strides resolved, as its numbers are."""
    kept = torch.load(FIXTURES / path, weights_only=False)
    return {key: t.detach().resolve_conj().resolve_neg().contiguous() for key, t in kept.items() if isinstance(t, torch.Tensor)}


def same(got, wanted, key):
    """Equal to the last bit, NaNs included."""
    assert got.dtype == wanted.dtype and got.shape == wanted.shape, f"{key}: {got.dtype} {tuple(got.shape)} for {wanted.dtype} {tuple(wanted.shape)}"
    bits = lambda t: t.contiguous().flatten().view(torch.uint8)  # noqa: E731
    assert torch.equal(bits(got), bits(wanted)), f"{key} has other values"


def same_tensors(got, wanted):
    assert set(got) == set(wanted), set(got) ^ set(wanted)
    for key in wanted:
        same(got[key], wanted[key], key)


@check("tiny", "dtypes", "special-values", "odd-keys", "keystr", "lora", "gptq-fp8", "many")
def safetensors_again(name):
    """The same file as the library makes of the same tensors."""
    written = export(f"safetensors/{name}.safetensors", f"{name}.safetensors")
    tensors = load_file(written)
    same_tensors(tensors, load_file(FIXTURES / f"safetensors/{name}.safetensors"))
    with safe_open(written, "pt") as file:
        metadata = file.metadata()
    save_file(tensors, OUT / "again.safetensors", metadata)
    # The library writes metadata in the order of a hash map.
    if len(metadata or {}) < 2:
        assert written.read_bytes() == (OUT / "again.safetensors").read_bytes(), "the library writes other bytes"


@check("tiny.pt", "tiny-legacy.pt", "views.pt", "views-legacy.pt", "big-endian.pt", "conj-neg.pt", "repacked-deflated.pt", "tied.bin", "aligned-512.pt")
def torch_to_safetensors(name):
    written = load_file(export(f"pytorch/{name}", f"{name}.safetensors"))
    same_tensors(written, tensors_of(f"pytorch/{name}"))


@check("pytorch/tiny.pt", "pytorch/tied.bin", "pytorch/views.pt", "pytorch/conj-neg.pt", "export/dtypes.pt", "export/module.pt", "slices/tensors.pt")
def torch_again(path):
    """Mapped into memory, as only a well-aligned archive is, by the loader that takes nothing but plain values."""
    written = export(path, "again.pt")
    assert zipfile.ZipFile(written).testzip() is None
    loaded = torch.load(written, weights_only=True, mmap=True)
    wanted = tensors_of(path)
    same_tensors(loaded, wanted)
    if path == "pytorch/tied.bin":
        assert len({t.untyped_storage().data_ptr() for t in loaded.values()}) < len(loaded), "the tie is lost"


@check("tiny", "dtypes", "special-values", "many")
def safetensors_to_torch(name):
    written = export(f"safetensors/{name}.safetensors", f"{name}.pt")
    same_tensors(torch.load(written, weights_only=True, mmap=True), load_file(FIXTURES / f"safetensors/{name}.safetensors"))


@check("export/nested.pt", "pytorch/optimizer.pt", "pytorch/lightning.ckpt")
def torch_nested(path):
    written = export(path, "nested.pt")
    loaded, wanted = torch.load(written, weights_only=True), torch.load(FIXTURES / path, weights_only=False)
    for key in ("state", "param_groups", "optimizer", "epoch", "state_dict"):
        if key in wanted:
            assert equal(loaded[key], wanted[key]), f"{key}: {loaded[key]}"


def equal(a, b):
    if isinstance(b, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(b, dict):
        return list(a) == list(b) and all(equal(a[key], b[key]) for key in b)
    if isinstance(b, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and a == b


@check(("safetensors/tiny.safetensors", "h.*"), ("health/clean/llama/model.safetensors", ""))
def safetensors_to_gguf(case):
    path, query = case
    written = export(path, "a.gguf", *([query] if query else []))
    wanted = {key: t for key, t in load_file(FIXTURES / path).items() if not query or key.startswith(query[:2])}
    found = {t.name: torch.from_numpy(quants.dequantize(t.data, t.tensor_type).copy()) for t in GGUFReader(written).tensors}
    same_tensors(found, {key: t.float() for key, t in wanted.items()})


@check("slices/tensors.pt", "pytorch/views.pt", "pytorch/big-endian.pt")
def torch_to_npz(path):
    written = export(path, "a.npz", "--as", "f32")
    assert zipfile.ZipFile(written).testzip() is None
    arrays = np.load(written)
    tensors = tensors_of(path)
    assert arrays.files == list(tensors)
    for key, t in tensors.items():
        same(torch.from_numpy(arrays[key]), t.float() if t.dtype in NARROW else t, key)


SLICES = {"four": "1, ::-1, :, 1:4:2", "channels_last": "..., ::-2", "permuted": "::-1, 1", "conj_transposed": "1:, ::-1", "float8_e5m2": "0, :, 2:4", "wide": "::-2", "negative": "2"}


@check(*SLICES.items())
def slice_to_npy(case):
    key, text = case
    written = export("slices/tensors.pt", f"{key}.npy", key, "--as", "f32", f"--slice={text}")
    t = tensors_of("slices/tensors.pt")[key]
    array = (t.float() if t.dtype in NARROW else t).numpy()
    wanted = eval(f"array[{text}]")  # the texts are our own
    same(torch.from_numpy(np.array(np.load(written, mmap_mode="r"))), torch.from_numpy(wanted.copy()), key)


TABLES = {"matrix": "f4", "wide_range": "f8", "special": "f4", "wide": "i8", "wide_unsigned": "u8", "transposed": "f4", "conj": "c8", "matrix_half": "f2", "tall": "i8"}


@check(*TABLES.items())
def tensor_to_csv(case):
    """Exact when it is read as doubles and turned into its own type, which is what people do."""
    key, dtype = case
    written = export("slices/tensors.pt", f"{key}.csv", key)
    wanted = tensors_of("slices/tensors.pt")[key].numpy()
    through = {"f": np.float64, "c": np.complex128}.get(dtype[0], np.dtype(dtype))
    read = np.loadtxt(written, delimiter=",", dtype=through).astype(dtype)
    assert read.shape == wanted.shape, read.shape
    assert read.tobytes() == wanted.tobytes() or np.array_equal(read, wanted, equal_nan=True), f"{key} has other values"


@check("qint8", "quint8", "qint32", "transposed", "channels")
def quantised(key):
    t = torch.load(FIXTURES / "slices/quantised.pt", weights_only=False)[key]
    values = export("slices/quantised.pt", f"{key}.npy", key, "--as", "f32")
    same(torch.from_numpy(np.load(values)), t.dequantize(), key)
    stored = export("slices/quantised.pt", f"{key}-raw.npy", key, "--raw")
    same(torch.from_numpy(np.load(stored)), t.int_repr(), key)


def main():
    failed = 0
    for function, case in CHECKS:
        name = f"{function.__name__} {case if isinstance(case, str) else case[0]}"
        try:
            function(case)
        except Exception as error:  # a library's own refusal is a failed check, like any other
            failed += 1
            print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
    shutil.rmtree(OUT)
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
