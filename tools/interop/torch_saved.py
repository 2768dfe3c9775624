"""
PyTorch files saved with edits, read by torch: mapped into memory where that is possible, with every value that was not edited. The
last line is `N passed, N failed`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import torch

warnings.filterwarnings("ignore")
ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "src-core" / "fixtures"
OUT = Path(tempfile.mkdtemp(prefix="stateglass-interop-"))


def edit(op, **args):
    return {"op": op, "args": args}


def renamed(state, key, to):
    return {to if name == key else name: value for name, value in state.items()}


def without(state, *keys):
    return {name: value for name, value in state.items() if name not in keys}


def nested(change):
    """What `change` makes of the whole, in place."""

    def apply(state):
        change(state)
        return state

    return apply


def rename_moment(state):
    moments = state["optimizer"]["state"][0]
    moments["steps"] = moments.pop("step")


# Fixture, edits, what torch is to read then, whether the restricted loader takes it.
CASES = [
    ("pytorch/tiny.pt", [], lambda s: s),
    ("export/dtypes.pt", [], lambda s: s),
    ("export/module.pt", [edit("rename", key="wte.weight", to="embedding.weight")], lambda s: renamed(s, "wte.weight", "embedding.weight")),
    ("export/module.pt", [edit("delete", keys=["norm.running_mean", "norm.running_var"])], lambda s: without(s, "norm.running_mean", "norm.running_var")),
    ("export/module.pt", [edit("duplicate", key="norm.weight", to="copy")], lambda s: {**s, "copy": s["norm.weight"]}),
    ("export/dtypes.pt", [edit("delete", keys=["float32"])], lambda s: without(s, "float32")),
    ("export/dtypes.pt", [edit("rename", key="pairs", to="nibbles")], lambda s: renamed(s, "pairs", "nibbles")),
    ("pytorch/views.pt", [edit("duplicate", key="base", to="again")], lambda s: {**s, "again": s["base"]}),
    ("export/nested.pt", [edit("delete", keys=["epoch"])], lambda s: without(s, "epoch")),
    ("export/nested.pt", [edit("rename", key="optimizer.state.0.step", to="optimizer.state.0.steps")], nested(rename_moment)),
    ("pytorch/lightning.ckpt", [edit("rename", key="epoch", to="epochs")], lambda s: renamed(s, "epoch", "epochs")),
    ("pytorch/repacked-deflated.pt", [edit("rename", key="a", to="first")], lambda s: renamed(s, "a", "first")),
    ("pytorch/quantised.pt", [edit("delete", keys=["per_tensor_qint8"])], lambda s: without(s, "per_tensor_qint8")),
    ("pytorch/sparse.pt", [], lambda s: s),
]


def equal(a, b):
    if isinstance(b, torch.Tensor):
        if a.dtype != b.dtype or a.shape != b.shape or a.is_quantized != b.is_quantized or a.layout != b.layout:
            return False
        if b.layout != torch.strided or b.is_quantized:
            return str(a) == str(b)
        if a.stride() != b.stride():
            return False
        bits = lambda t: t.detach().resolve_conj().resolve_neg().contiguous().flatten().view(torch.uint8)  # noqa: E731
        return torch.equal(bits(a), bits(b))
    if isinstance(b, dict):
        return type(a) is type(b) and set(a) == set(b) and all(equal(a[key], b[key]) for key in b)
    if isinstance(b, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and a == b


def save_all():
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        for i, (path, edits, _) in enumerate(CASES):
            file.write(json.dumps({"from": str(FIXTURES / path), "to": str(OUT / f"{i}.pt"), "edits": edits}) + "\n")
        file.flush()
        ran = subprocess.run(["node", str(ROOT / "tools/run.mjs"), "tools/interop/save-edited.ts", file.name], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def check(number):
    path, _, expected = CASES[number]
    written = OUT / f"{number}.pt"
    before = torch.load(FIXTURES / path, weights_only=False)
    after = torch.load(written, weights_only=False)
    metadata = getattr(before, "_metadata", None)
    assert getattr(after, "_metadata", None) == metadata, "the versions of modules are lost"
    wanted = expected(before)
    after = dict(after) if type(wanted) is dict else after
    assert equal(after, wanted), f"{path}: {after}"
    if path.startswith("export/"):
        assert equal(dict(torch.load(written, weights_only=True, mmap=True)), dict(wanted)), "mapped, it is another"
    assert zipfile.ZipFile(written).testzip() is None


def main():
    failed = 0
    save_all()
    for number in range(len(CASES)):
        try:
            check(number)
        except Exception as error:  # a library's own refusal is a failed check, like any other
            failed += 1
            print(f"FAILED {CASES[number][0]} {CASES[number][1]}: {type(error).__name__}: {error}", flush=True)
    shutil.rmtree(OUT)
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
