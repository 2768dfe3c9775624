"""
Random loads in torch, msgflux, inox, flax.nnx, flax and MAX, planned by this program and done by the real library: whether and what is
raised, torch's message to the letter, and which values of the object have changed. Seeded. The last line is `N passed, N failed`, a
policy counting as one.
"""

import json
import os
import random
import re
import subprocess
import tempfile
import warnings
from pathlib import Path

from loads import LOADED_BY, OPTIONAL
from real.compare import open_system, read_json

os.environ.setdefault("JAX_PLATFORMS", "cpu")
warnings.filterwarnings("ignore")
ROOT = Path(__file__).resolve().parents[2]
SEED, LOADS = 31, 200
r = random.Random(SEED)

NAMES = ["a", "ba", "a_b", "weight", "w", "b", "layers", "x"]
SHAPES = [[], [1], [2], [2, 2], [1, 2], [3]]
DTYPES = ["float32", "float32", "float64", "int32"]


def chance(p):
    return r.random() < p


def tensor(value, shape=None, dtype=None):
    shape = r.choice(SHAPES) if shape is None else shape
    dtype = dtype or r.choice(DTYPES)
    count = 1
    for dim in shape:
        count *= dim
    number = float(value) if dtype.startswith("float") else value
    return {"$tensor": {"dtype": dtype, "shape": shape, "data": [number] * count}}


def module(depth, leaf):
    members = {name: leaf() for name in r.sample(NAMES, r.randint(0, 3))}
    if depth:
        for name in r.sample(NAMES, r.randint(0, 2)):
            members[name] = module(depth - 1, leaf)
    return {"$module": "M", "members": members}


def nested(depth, leaf, mixed):
    items = [(name, leaf()) for name in r.sample(NAMES, r.randint(0, 3))]
    if depth:
        items += [(name, nested(depth - 1, leaf, mixed)) for name in r.sample(NAMES, r.randint(0, 2))]
    if mixed and chance(0.4):
        items = [(int(i) if chance(0.5) else str(i), value) for i, (_, value) in enumerate(items)]
    items = list(dict(items).items())
    if all(isinstance(key, str) for key, _ in items):
        return dict(items)
    return {"$dict": [[key, value] for key, value in items]}


def keys_of(node, prefix=""):
    for name, value in node["members"].items():
        if "$module" in value:
            yield from keys_of(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def damage(key):
    return r.choice([key, key, key, key + "x", "module." + key, key + ".a", key.replace("a", "b", 1), "z", key.split(".")[-1]])


def flat_source(target, value):
    return {damage(key): value(held) for key, held in keys_of(target) if chance(0.9)} | ({"more": value(None)} if chance(0.3) else {})


def like(held):
    """A tensor that often fits: its numbers are other ones."""
    spec = re.search(r'"dtype": "(\w+)", "shape": (\[[^\]]*\])', json.dumps(held)) if held else None
    if spec is None or chance(0.25):
        return tensor(1)
    return tensor(1, json.loads(spec[2]), spec[1] if chance(0.8) else None)


def torch_target():
    return module(2, lambda: {"$parameter": tensor(0, dtype="float32")} if chance(0.7) else {"$buffer": tensor(0)})


def torch_source(target):
    return flat_source(target, lambda held: "text" if chance(0.08) else like(held))


def max_target():
    return module(2, lambda: {"$weight": None, "dtype": r.choice(["float32", "float64"]), "shape": r.choice(SHAPES)})


def max_source(target):
    return flat_source(target, lambda held: None if chance(0.1) else "text" if chance(0.05) else like(held))


def msgflux_target():
    return module(3, lambda: {"$buffer": "old"} if chance(0.5) else {"$parameter": "old", "spec": "s"})


def changed(node, value):
    """The same tree with other leaves, and some damage."""
    if isinstance(node, dict) and "$variable" in node:
        return value(node)
    if isinstance(node, dict) and "$tensor" in node:
        return value(node)
    if isinstance(node, dict) and "$dict" in node:
        pairs = [[str(key) if chance(0.3) else key, changed(item, value)] for key, item in node["$dict"] if chance(0.95)]
        return {"$dict": pairs}
    if isinstance(node, dict):
        items = {(name + "x" if chance(0.06) else name): changed(item, value) for name, item in node.items() if chance(0.95)}
        return items | ({"more": value(None)} if chance(0.1) else {})
    return value(node)


def variable(number):
    return {"$variable": "Param", "value": tensor(number, dtype="float32")}


def nnx_module(depth):
    return module(depth, lambda: variable(0))


def state_of(target):
    state = {}
    for name, value in target["members"].items():
        state[name] = state_of(value) if "$module" in value else value
    return state


MAKE = {
    **{f"torch-{how}": (torch_target, torch_source) for how in ("strict", "nonstrict", "assign")},
    **{f"max-{how}": (max_target, max_source) for how in ("strict", "nonstrict")},
    "msgflux": (msgflux_target, lambda target: flat_source(target, lambda _: "new")),
    "inox-combine": (lambda: nested(2, lambda: tensor(0), False), None),
    "nnx-replace-by-pure-dict": (lambda: nested(2, lambda: variable(0), True), lambda target: changed(target, lambda _: tensor(1, dtype="float32"))),
    "nnx-update": (lambda: nnx_module(2), lambda target: changed(state_of(target), lambda _: variable(1))),
    "nnx-merge": (lambda: nnx_module(2), lambda target: changed(state_of(target), lambda _: variable(1))),
    "flax-from-state-dict": (lambda: nested(2, lambda: tensor(0), False), lambda target: changed(target, lambda _: tensor(1))),
}


def inox_source(system, target):
    leaves = system.snapshot(system.build(read_json(json.dumps(target))))
    return {damage(key) if chance(0.2) else key: tensor(1) for key in leaves if chance(0.95)} | ({"['more']": 1} if chance(0.2) else {})


def compare(system, call, report):
    parsed = read_json(json.dumps(call))
    target, source = system.build(parsed.get("target")), system.build(parsed.get("source"))
    target = system.target(call["policy"], target) if hasattr(system, "target") else target
    told, error = {}, None
    before = system.snapshot(target)
    try:
        told = system.load(call["policy"], target, source, read_json("{}"))
    except Exception as raised:  # noqa: BLE001 (whatever the library raises is its answer)
        error = raised
    assert report["raises"] == (error is not None), f"raises {error!r}, is told {report['message']}"
    if error:
        name, message = report["message"].split(": ", 1)
        assert type(error).__name__ == name, f"raises {error!r}, is told {report['message']}"
        if call["policy"].split("-")[0] in ("torch", "max"):
            assert str(error) == message.replace("). If you are using", ").If you are using"), f"says {error}\n, is told {message}"
    elif "says" in told:
        assert told["says"] == report["message"], f"says {told['says']}, is told {report['message']}"
    after = system.snapshot(told.get("after", target))
    done = report["partial"] if error else [*report["assigned"], *report["added"]]
    touched = [key for key in after if after[key] != before.get(key)]
    wanted = [key for key in done if after.get(key) != before.get(key) or key not in after]
    assert sorted(touched) == sorted(set(wanted)), f"has changed {touched}, is told {done}"


def run(name, system):
    make, make_source = MAKE[name]
    calls = []
    for _ in range(LOADS):
        target = make()
        source = make_source(target) if make_source else inox_source(system, target)
        calls.append({"policy": name, "target": target, "source": source})
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False) as file:
        file.write("".join(json.dumps(call) + "\n" for call in calls))
    command = ["node", str(ROOT / "tools/run.mjs"), "tools/interop/plan-loads.ts", file.name]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    os.unlink(file.name)
    assert ran.returncode == 0, ran.stderr
    wrong = raises = 0
    for call, line in zip(calls, ran.stdout.splitlines(), strict=True):
        report = json.loads(line)
        raises += report["raises"]
        try:
            compare(system, call, report)
        except Exception as error:  # noqa: BLE001 (every load is told)
            wrong += 1
            if wrong <= 3:
                print(f"FAILED {type(error).__name__}: {error}\n  {json.dumps(call)}")
    print(f"{name}: {LOADS - wrong} of {LOADS} loads agree, {raises} of them raise")
    return wrong == 0


def main():
    passed = failed = 0
    for name in MAKE:
        library = LOADED_BY[name.split("-")[0]]
        try:
            system = open_system(library)
        except ImportError as error:
            print(f"{library} cannot be imported, {name} is not run: {error}")
            failed += library not in OPTIONAL
            continue
        good = run(name, system)
        passed += good
        failed += not good
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    raise SystemExit(main())
