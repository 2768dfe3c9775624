"""
ONNX files saved with edits, read and checked by onnx, against the same edits made with its own API: every message, unknown fields aside.
The last line is `N passed, N failed`.
"""

import sys

import numpy as np
import onnx
from onnx import numpy_helper
from real.saved import FIXTURES, check_saved, edit


def find(graph, name):
    return next(t for t in graph.initializer if t.name == name)


def with_values(name, change):
    """`change` of an initialiser's numbers."""

    def apply(model):
        tensor = find(model.graph, name)
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(change(numpy_helper.to_array(tensor))), name))

    return apply


def renamed(name, to):
    def in_graph(graph):
        for value in [*graph.initializer, *graph.input, *graph.value_info]:
            if value.name == name:
                value.name = to
        for node in graph.node:
            node.input[:] = [to if one == name else one for one in node.input]
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    in_graph(attribute.g)

    return lambda model: in_graph(model.graph)


def deleted(name):
    return lambda model: model.graph.initializer.remove(find(model.graph, name))


def added(name, source):
    def apply(model):
        tensor = model.graph.initializer.add()
        tensor.CopyFrom(find(model.graph, source))
        tensor.name = name

    return apply


def property_set(key, text):
    def apply(model):
        for item in model.metadata_props:
            if item.key == key:
                item.value = text
                return
        model.metadata_props.add(key=key, value=text)

    return apply


def patched(array):
    array = array.copy()
    array.flat[1] = 1.5
    return array


TRACED = onnx.load(FIXTURES / "onnx/torch-traced.onnx")
FOLDED = next(n.input[1] for n in TRACED.graph.node if n.name == "/layers.0/out_proj/MatMul")
SHOWN = f"layers.0.out_proj.{FOLDED}"
NOTHING = lambda model: None
TRACED_CASES = [
    ([], NOTHING),
    ([edit("set-elements", key="layers.0.out_proj.bias", slice="1", values=1.5)], with_values("layers.0.out_proj.bias", patched)),
    ([edit("fill", key=SHOWN, **{"with": "ones"})], with_values(FOLDED, np.ones_like)),
    ([edit("rename", key=SHOWN, to="layers.0.out_proj.weight")], renamed(FOLDED, "layers.0.out_proj.weight")),
    ([edit("transpose", key=SHOWN, axes=[1, 0])], with_values(FOLDED, np.transpose)),
    ([edit("duplicate", key="head.bias", to="copy.of.it")], added("copy.of.it", "head.bias")),
    ([edit("set-metadata", section="metadata_props", key="author", text="Ünï \"quoted\"")], property_set("author", "Ünï \"quoted\"")),
    ([edit("set-metadata", section="metadata_props", key="note", text="x" * 300)], property_set("note", "x" * 300)),
    (
        [edit("rename", key=SHOWN, to="w" * 200), edit("fill", key="w" * 200, **{"with": "zeros"}), edit("set-elements", key="head.bias", slice="1", values=1.5)],
        lambda model: (with_values(FOLDED, np.zeros_like)(model), renamed(FOLDED, "w" * 200)(model), with_values("head.bias", patched)(model)),
    ),
]
STRUCTURE_CASES = [
    ([], NOTHING),
    ([edit("delete", keys=["unused"])], deleted("unused")),
    ([edit("rename", key="shape", to="the.shape")], renamed("shape", "the.shape")),
    ([edit("cast", keys=["unused"], dtype="f16")], with_values("unused", lambda a: a.astype(np.float16))),
    ([edit("rename", key="choose.If.then_branch.then.bias", to="choose.If.then_branch.b")], renamed("then.bias", "b")),
]
ORDER_CASES = [
    ([edit("set-elements", key="w", slice="0,1", values=1.5)], with_values("w", patched)),
    ([edit("rename", key="w", to="weight")], renamed("w", "weight")),
]
CASES = [
    (path, edits, apply)
    for path, cases in {"onnx/torch-traced.onnx": TRACED_CASES, "onnx/structure.onnx": STRUCTURE_CASES, "onnx/order.onnx": ORDER_CASES}.items()
    for edits, apply in cases
]


def plain(model):
    """With the numbers of initialisers raw, without fields that nobody knows."""
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor), tensor.name))
    model.DiscardUnknownFields()
    items = sorted((item.key, item.value) for item in model.metadata_props)
    del model.metadata_props[:]
    return items, model.SerializeToString(deterministic=True)


def check(case, written):
    path, edits, apply = case
    wanted = onnx.load(FIXTURES / path)
    apply(wanted)
    found = onnx.load(written)
    onnx.checker.check_model(found, full_check=not any(one["op"] in ("cast",) for one in edits))
    assert plain(found) == plain(wanted), "another model"
    if not edits:
        assert written.read_bytes() == (FIXTURES / path).read_bytes(), "bytes"
    if "order" in path:
        assert b"kept" in written.read_bytes(), "unknown fields"


if __name__ == "__main__":
    sys.exit(check_saved(CASES, ".onnx", check))
