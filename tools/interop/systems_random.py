"""
Random calls of the operations of flax.nnx, inox, msgflux and PyTorch, answered by this program and by the real library: results in
order, exception classes. Seeded. The last line is `N passed, N failed`, an operation counting as one.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from real.compare import canonical, open_system, read_json, run_real, version_of
from real.forms import Pairs

os.environ.setdefault("JAX_PLATFORMS", "cpu")
warnings.filterwarnings("ignore")
ROOT = Path(__file__).resolve().parents[2]
SEED, CALLS = 20, 200
r = random.Random(SEED)

TEXTS = ["a", "b", "c", "0", "1", "01", "-1", " 2", "x.y", "é", "𝟗", "layers", "kernel", "", "it's"]
VARIABLES = ["Param", "BatchStat", "RngKey", "RngCount", "Intermediate", "Perturbation", "Cache"]


def chance(p):
    return r.random() < p


def form(tag, own, /, **members):
    return Pairs([(f"${tag}", own), *members.items()])


def some(most, make):
    return [make() for _ in range(r.randint(0, most))]


def mapping_of(items):
    """An object where the keys are texts, else a $dict."""
    if all(isinstance(key, str) for key, _ in items):
        return Pairs(dict(map(tuple, items)).items())
    return form("dict", items)


def key(mixed):
    if mixed and chance(0.5):
        return r.choice([0, 1, 2, -1, 10, True, 1.0, None, form("tuple", [1, "a"])])
    return r.choice(TEXTS)


def leaf(variables):
    if not (variables and chance(0.6)):
        return r.choice([1, 0, -3, 2.5, True, "text", [1, 2]])
    tag = {"tag": r.choice(["dropout", "params", "Param"])} if chance(0.4) else {}
    return form("variable", r.choice(VARIABLES), value=r.choice([1, 2, 2.5, "t"]), **tag)


def state(depth, mixed, variables=True):
    below = lambda: state(depth - 1, mixed, variables) if depth and chance(0.5) else leaf(variables)  # noqa: E731
    return mapping_of(some(3, lambda: [key(mixed), below()]))


def part_of(node):
    """A pure dict of some of a state's paths, ints often as texts."""
    if not isinstance(node, Pairs) or (node and node[0][0] == "$variable"):
        return 77
    items = node[0][1] if node and node[0][0] == "$dict" else [list(pair) for pair in node]
    named = lambda key: str(key) if type(key) is int and chance(0.6) else key  # noqa: E731
    return mapping_of([[named(key), part_of(value)] for key, value in items if chance(0.8)])


def one_filter(depth=2):
    plain = [
        lambda: r.choice(["Param", "BatchStat", "RngState", "Variable", "Intermediate"]),
        lambda: Pairs([("tag", r.choice(["dropout", "params"]))]),
        lambda: r.choice(["...", True, False, None, 1, 0, 2.5]),
        lambda: Pairs([("path_contains", r.choice(["a", "0", 0, 1, "ker"])), ("exact", chance(0.5))]),
        lambda: Pairs([("path_in", [[r.choice(TEXTS[:4]) for _ in range(r.randint(1, 2))] for _ in range(3)])]),
    ]
    nested = [
        lambda: some(3, lambda: one_filter(depth - 1)),
        lambda: Pairs([(r.choice(["any", "all"]), some(3, lambda: one_filter(depth - 1)))]),
        lambda: Pairs([("not", one_filter(depth - 1))]),
    ]
    return r.choice(plain + (nested if depth else []))()


def filters():
    return [one_filter() for _ in range(r.randint(1, 3))] + (["..."] if chance(0.4) else [])


def path():
    if chance(0.05):
        return r.choice(["ab", "", 3, None])
    return form("tuple", [key(chance(0.3)) for _ in range(r.choice([0, 1, 1, 2, 2, 3]))])


def tree(depth):
    if not depth or chance(0.25):
        return r.choice([1, 2.5, "s", None, form("entry", r.choice([1, None, "v"])), form("entry", 2)])
    below = lambda: tree(depth - 1)  # noqa: E731
    return r.choice([
        lambda: mapping_of(some(3, lambda: [key(chance(0.2)), below()])),
        lambda: some(3, below),
        lambda: form("tuple", some(3, below)),
        lambda: form("namedtuple", "Pair", fields=Pairs([("u", below()), ("v", below())])),
        lambda: form("module", "Mod", members=Pairs(dict(some(4, lambda: (r.choice(["b", "a", "z", "a.b"]), below()))).items())),
    ])()


def module(depth):
    return form("module", "Mod", members=some(5, lambda: [r.choice("abcdp"), member(depth)]))


def member(depth):
    plain = [
        lambda: form("parameter", r.choice(["x", "y", None, 1]), spec=r.choice(["s", "t"])),
        lambda: form("buffer", r.choice([1, "b", None, [1], Pairs([("k", 1)])])),
        lambda: form("unset", "parameter"),
        lambda: r.choice([1, "plain", None]),
    ]
    below = lambda: module(depth - 1)  # noqa: E731
    nested = [
        below,
        lambda: form("list", some(2, below)),
        lambda: form("moduledict", Pairs(dict(some(2, lambda: (r.choice("kl"), below()))).items())),
    ]
    return r.choice(plain + (nested if depth else []))()


def network(depth):
    tensor = lambda: form("tensor", Pairs([("dtype", "float32"), ("shape", [1]), ("data", [float(r.randint(0, 9))])]))  # noqa: E731
    plain = [
        lambda: form("parameter", tensor()),
        lambda: form("buffer", r.choice([tensor(), None]), persistent=chance(0.7)),
        lambda: form("unset", "parameter"),
        lambda: r.choice([1, "plain", None]),
    ]
    below = lambda: network(depth - 1)  # noqa: E731
    nested = [below, lambda: form("list", some(2, below))] if depth else []
    return form("module", "Mod", members=some(4, lambda: [r.choice("abcdp"), r.choice(plain + nested)()]))


def node(depth):
    """What nnx.state walks; the second of a name is what the attribute holds."""
    below = lambda: node(depth - 1)  # noqa: E731
    plain = [lambda: leaf(True), lambda: leaf(True), lambda: form("same", "a") if chance(0.3) else None]
    nested = [
        below,
        lambda: form("list", some(3, below)),
        lambda: form("moduledict", Pairs(dict(some(3, lambda: (r.choice(["x", "y", "1"]), below()))).items())),
    ]
    names = dict(some(4, lambda: (r.choice("bcdz"), r.choice(plain + (nested if depth else []))())))
    return form("module", "Mod", members=Pairs([("a", form("variable", "Param", value=1)), *names.items()]))


def value(depth=2):
    if depth and chance(0.15):
        return some(4, lambda: value(depth - 1))
    if depth and chance(0.3):
        return prompts(depth - 1)
    texts = ["None", "text\nmore", 'tab\t\\ "q"', "é\u2028\x7f\x01", "x" * 60, ""]
    return r.choice([1, -5, 2.5, 1e20, 1e-7, 3e-5, 0.1, True, None, *texts])


def prompts(depth):
    return Pairs(dict(some(5, lambda: (r.choice(["a", "b.c", "lm.model", "d e", "é", 'x"y', "n\n"]), value(depth)))).items())


OPERATIONS = {
    "nnx.to_flat_state": lambda: dict(state=state(2, chance(0.4))),
    "nnx.from_flat_state": lambda: dict(flat_state=some(4, lambda: [path(), leaf(chance(0.5))])),
    "nnx.filter_state": lambda: dict(state=state(2, chance(0.1)), filters=filters()),
    "nnx.split_state": lambda: dict(state=state(2, chance(0.1)), filters=filters()),
    "nnx.merge_state": lambda: dict(states=[state(2, chance(0.3)) for _ in range(r.randint(1, 3))]),
    "nnx.diff": lambda: dict(state=state(2, chance(0.2)), other=state(2, chance(0.2))),
    "nnx.to_pure_dict": lambda: dict(state=state(2, chance(0.3))),
    "nnx.restore_int_paths": lambda: dict(pure_dict=state(3, chance(0.4), False)),
    "nnx.replace_by_pure_dict": lambda: (lambda s: dict(state=s, pure_dict=part_of(s)))(state(2, chance(0.4))),
    "nnx.flatten_mapping": lambda: dict(mapping=state(2, chance(0.3)), **({"sep": "/"} if chance(0.3) else {})),
    "nnx.state": lambda: dict(module=node(2), **({"filters": filters()} if chance(0.3) else {})),
    "torch.state_dict": lambda: dict(module=network(2)),
    "inox.export_state": lambda: dict(tree=tree(3)),
    "inox.update_state": lambda: dict(state=state(0, True, False), mutation=state(0, True, False)),
    "msgflux.state_dict": lambda: dict(module=module(2), **({"prefix": r.choice(["p.", "q"])} if chance(0.3) else {})),
    "msgflux.save": lambda: dict(state_dict=prompts(2), path=r.choice(["a.toml", "a.json"])),
}


def to_json(node):
    if isinstance(node, Pairs):
        return "{" + ",".join(f"{json.dumps(key)}:{to_json(item)}" for key, item in node) + "}"
    return "[" + ",".join(map(to_json, node)) + "]" if isinstance(node, list) else json.dumps(node)


def answer(calls):
    """This program's answers, all in one process."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as file:
        file.write("\n".join(f"{op}\t{to_json(args)}" for op, args in calls))
        file.flush()
        command = ["node", str(ROOT / "tools/run.mjs"), "tools/interop/run-operations.ts", file.name]
        printed = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    lines = printed.removesuffix("\n").split("\n")
    assert len(lines) == len(calls), f"{len(lines)} answers to {len(calls)} calls"
    return [read_json(line) for line in lines]


def disagreement(system, op, args, ours):
    if ours.get("refused"):
        return f"refused: {ours.get('refused')}"
    got, error = run_real(system, op, args)
    if error:
        said = (ours.get("error") or Pairs()).get("type")
        return None if said == type(error).__name__ else f"raises {type(error).__name__} ({error}), here {said}"
    if ours.get("error"):
        return f"gives {canonical(got)}, here {ours.get('error').get('type')}"
    here = canonical(ours.get("result"))
    return None if here == canonical(got) else f"\n  gives {canonical(got)}\n  here  {here}"


def main():
    calls = [(op, Pairs(make().items())) for op, make in OPERATIONS.items() for _ in range(CALLS)]
    answers = answer(calls)
    failed = set()
    for name in dict.fromkeys(op.split(".")[0] for op in OPERATIONS):
        try:
            system = open_system(name)
        except ImportError as error:
            print(f"{name} cannot be imported: {error}")
            failed |= {op for op in OPERATIONS if op.startswith(f"{name}.")}
            continue
        for (op, args), ours in zip(calls, answers):
            wrong = disagreement(system, op, args, ours) if op.startswith(f"{name}.") and op not in failed else None
            if wrong:
                failed.add(op)
                print(f"FAILED {op} {to_json(args)}: {wrong}")
        print(f"{version_of(name)}: {CALLS} random calls of each operation, seed {SEED}")
    print(f"{len(OPERATIONS) - len(failed)} passed, {len(failed)} failed")
    return len(failed) > 0


if __name__ == "__main__":
    sys.exit(main())
