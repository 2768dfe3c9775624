"""
GGUF files saved with edits, read by gguf-py: the order and types of metadata, every value, and every byte of the tensors that were not
edited. The last line is `N passed, N failed`.
"""

import sys

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader
from real.saved import FIXTURES, check_saved, edit

Q = "blk.0.attn_q.weight"
NORM = "blk.0.attn_norm.weight"


def read(path):
    """Metadata as (type, value), and tensors as (type, dimensions, bytes), in the order of the file."""
    reader = GGUFReader(path)
    items = {name: (field.types, field.contents()) for name, field in reader.fields.items() if not name.startswith("GGUF.")}
    tensors = {t.name: (t.tensor_type, t.shape.tolist(), t.data.tobytes()) for t in reader.tensors}
    return items, tensors


def same(items, tensors):
    return items, tensors


def renamed(items, tensors):
    return items, {("renamed" if name == Q else name): t for name, t in tensors.items()}


def without(items, tensors):
    return items, {name: t for name, t in tensors.items() if name != Q}


def with_item(key, value):
    """Another value of the same type."""
    return lambda items, tensors: ({name: (types, value if name == key else was) for name, (types, was) in items.items()}, tensors)


def without_item(key):
    return lambda items, tensors: ({name: item for name, item in items.items() if name != key}, tensors)


def patched(items, tensors):
    kind, dims, data = tensors[NORM]
    values = np.frombuffer(data, dtype=np.float32).copy()
    values[3] = 1.5
    return items, {**tensors, NORM: (kind, dims, values.tobytes())}


def doubled(items, tensors):
    return items, {**tensors, "copy": tensors[Q]}


def cast(items, tensors):
    kind, dims, data = tensors["token_embd.weight"]
    wide = np.frombuffer(data, dtype=np.float16).astype(np.float32)
    return items, {**tensors, "token_embd.weight": (GGMLQuantizationType.F32, dims, wide.tobytes())}


TINY = "gguf/tiny.gguf"
CHAT = "gguf/chat.gguf"
CASES = [
    *[(path, [], same) for path in (TINY, CHAT, "gguf/aligned.gguf", "gguf/v2.gguf", "gguf/big-endian.gguf")],
    (TINY, [edit("rename", key=Q, to="renamed")], renamed),
    (TINY, [edit("delete", keys=[Q])], without),
    (TINY, [edit("duplicate", key=Q, to="copy")], doubled),
    (TINY, [edit("set-elements", key=NORM, slice="3", values=1.5)], patched),
    (TINY, [edit("cast", keys=["token_embd.weight"], dtype="f32")], cast),
    (TINY, [edit("set-metadata", key="every.i16", json="-7")], with_item("every.i16", -7)),
    (TINY, [edit("set-metadata", key="every.u64", json=str(2**63 + 1))], with_item("every.u64", 2**63 + 1)),
    (TINY, [edit("set-metadata", key="every.true", json="false")], with_item("every.true", False)),
    (TINY, [edit("set-metadata", key="every.f64", json="1e-300")], with_item("every.f64", 1e-300)),
    (TINY, [edit("set-metadata", key="every.str", text="Ünï \"quoted\"")], with_item("every.str", "Ünï \"quoted\"")),
    (TINY, [edit("set-metadata", key="every.list.i32", json="[4, -5]")], with_item("every.list.i32", [4, -5])),
    (TINY, [edit("set-metadata", key="every.u8")], without_item("every.u8")),
    (CHAT, [edit("set-metadata", key="tokenizer.chat_template", text="{{ messages }}")], with_item("tokenizer.chat_template", "{{ messages }}")),
    (CHAT, [edit("set-metadata", key="general.name")], without_item("general.name")),
    ("gguf/v2.gguf", [edit("set-metadata", key="llama.block_count", json="2")], with_item("llama.block_count", 2)),
]


def check(case, written):
    path, edits, expected = case
    wanted, found = expected(*read(FIXTURES / path)), read(written)
    for what, a, b in zip(("metadata", "tensors"), wanted, found):
        assert list(a) == list(b), f"{what}: {list(b)}"
        for name in a:
            assert a[name] == b[name], f"{name}: {b[name]} for {a[name]}"
    if not edits:
        assert written.read_bytes() == (FIXTURES / path).read_bytes(), "bytes"


if __name__ == "__main__":
    sys.exit(check_saved(CASES, ".gguf", check))
