"""
Text fixtures that were edited and saved, read by Python: json, tomllib, msgflux, ruamel.yaml and PyYAML find what they find in the
original with the same edits done on it. The last line is `N passed, N failed`.
"""

import json
import shutil
import subprocess
import tempfile
import tomllib
from itertools import zip_longest
from pathlib import Path

import msgflux
import yaml
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "src-core" / "fixtures" / "text"


def load_ruamel(text):
    return list(YAML(typ="safe", pure=True).load_all(text))


def load_pyyaml(text):
    return list(yaml.safe_load_all(text))


def unshare(node):
    """Without aliases, so that an edit is of one place; keys as texts."""
    if isinstance(node, dict):
        return {key if isinstance(key, str) else str(key): unshare(item) for key, item in node.items()}
    return [unshare(item) for item in node] if isinstance(node, list) else node


def load(path, name, read=load_ruamel):
    if path.suffix in (".yaml", ".yml"):
        documents = unshare(read(path.read_bytes().decode("utf-8-sig")))
        return documents[0] if len(documents) == 1 else documents
    if path.suffix == ".toml":
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    if path.suffix == ".json":
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    return {name.split(".")[0]: path.read_bytes().decode("utf-8-sig")}


def find(tree, case, edit):
    """The container and the key in it that an edit is of."""
    key, parts = edit["key"], edit["parts"]
    if case["layout"] == "flat":
        return tree, key
    if case["dialect"] == "dspy":
        name = next((name for name in tree if key.startswith(f"{name}.")), None)
        if name is not None:
            below = key.removeprefix(f"{name}.").count(".") + 1
            parts = [name, *parts[-below:]]
    for part in parts[:-1]:
        tree = tree[part]
    return tree, parts[-1]


def apply(tree, case):
    """Edits name keys as they are when their turn comes; what is left empty goes, as in the file."""
    if case["edits"] and case["edits"][0]["parts"] == []:
        return json.loads(case["edits"][-1]["value"])
    for edit in case["edits"]:
        holder, key = find(tree, case, edit)
        match edit["act"]:
            case "set":
                assert holder[key] != json.loads(edit["value"]), f"{edit['key']} was that before"
                holder[key] = json.loads(edit["value"])
            case "delete":
                del holder[key]
            case "rename":
                new = key[: len(key) - len(str(edit["parts"][-1]))] + edit["name"]
                holder[new] = holder.pop(key)
            case "add":
                new = key[: len(key) - len(str(edit["parts"][-1]))] + edit["name"]
                holder[new] = json.loads(edit["value"])
    return tree


def without_emptied(tree, before):
    """Without containers that edits left empty; those that were empty before stay."""
    if isinstance(tree, dict):
        was = before if isinstance(before, dict) else {}
        kept = {key: without_emptied(item, was.get(key)) for key, item in tree.items()}
        return {key: item for key, item in kept.items() if item not in ({}, []) or not was.get(key)}
    if isinstance(tree, list):
        was = before if isinstance(before, list) else []
        kept = [without_emptied(item, old) for item, old in zip_longest(tree, was[: len(tree)])]
        return [item for item, old in zip_longest(kept, was[: len(kept)]) if item not in ({}, []) or not old]
    return tree


def spell(node):
    """Exact: 1 is not 1.0 is not True, NaN is NaN; the order of keys does not matter."""
    if isinstance(node, dict):
        return {key: spell(node[key]) for key in sorted(node)}
    if isinstance(node, list):
        return [spell(item) for item in node]
    return f"{type(node).__name__} {node!r}"


def check(case, folder):
    name = case["original"]
    original = FIXTURES / name
    written = folder / case["file"]
    for read in (load_ruamel, load_pyyaml) if written.suffix in (".yaml", ".yml") else (load_ruamel,):
        wanted = without_emptied(apply(load(original, name, read), case), load(original, name, read))
        assert spell(load(written, name, read)) == spell(wanted), f"it has other values ({read.__name__})"
    if not case["edits"]:
        assert written.read_bytes() == original.read_bytes(), "it has other bytes without an edit"
    if case["dialect"] == "msgflux" and written.suffix == ".json":
        assert spell(msgflux.load(str(written))) == spell(wanted), "msgflux reads other values"


def main():
    folder = Path(tempfile.mkdtemp(prefix="stateglass-interop-"))
    command = ["node", str(ROOT / "tools/run.mjs"), "tools/interop/edit-texts.ts", str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    cases = [json.loads(line) for line in ran.stdout.splitlines()]
    failed = 0
    for case in cases:
        try:
            check(case, folder)
        except Exception as error:  # noqa: BLE001 (a library's own refusal is a failed check)
            failed += 1
            print(f"FAILED {case['file']}: {type(error).__name__}: {error}")
    shutil.rmtree(folder)
    print(f"{sum(len(case['edits']) for case in cases)} edits in {len(cases)} files")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    raise SystemExit(main())
