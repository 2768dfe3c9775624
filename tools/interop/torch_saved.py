"""
PyTorch files saved with edits, read by torch: mapped into memory where that is possible, with every value that was not edited. The
last line is `N passed, N failed`.
"""

import sys
import warnings
import zipfile

import torch
from real.saved import FIXTURES, check_saved, edit

warnings.filterwarnings("ignore")


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


def check(case, written):
    path, _, expected = case
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


if __name__ == "__main__":
    sys.exit(check_saved(CASES, ".pt", check))
