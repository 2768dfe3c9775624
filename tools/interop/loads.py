"""
The loads of `src-core/fixtures/systems/load-cases.json` on the real torch, msgflux, inox, flax, DSPy and MAX: what is raised, what the
object holds afterwards, which keys are told. The unit tests run the same file on this program, so that both agree with it or
one fails. The last line is `N passed, N failed`.
"""

import logging
import os
import re
import warnings
from pathlib import Path

from real.compare import open_system, read_json, version_of, words_of
from real.forms import Pairs

os.environ.setdefault("JAX_PLATFORMS", "cpu")
FILE = Path(__file__).resolve().parents[2] / "src-core" / "fixtures" / "systems" / "load-cases.json"
LOADED_BY = {"torch": "torch", "msgflux": "msgflux", "inox": "inox", "nnx": "nnx", "flax": "nnx", "dspy": "dspy", "max": "max"}
#: What this program says of a call that says nothing itself.
OUR_WORDS = re.compile("positional merge|taken out of the dict")
#: There is no MAX for some systems.
OPTIONAL = ("max",)


class Heard(logging.Handler):
    def __init__(self):
        super().__init__()
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage())


def check(system, case):
    policy, expect = case.get("policy"), case.get("expect")
    target, source = system.build(case.get("target")), system.build(case.get("source"))
    target = system.target(policy, target) if hasattr(system, "target") else target
    before = system.snapshot(target)
    heard, told, error = Heard(), {}, None
    logging.getLogger("dspy").addHandler(heard)
    try:
        told = system.load(policy, target, source, case)
    except Exception as raised:  # noqa: BLE001 (whatever the library raises is its answer)
        error = raised
    finally:
        logging.getLogger("dspy").removeHandler(heard)
    check_words(expect, error, [*heard.said, told.get("says", "")])
    check_change(system, expect, error, before, system.snapshot(told.get("after", target)))
    if error:
        return
    for name in ("missing", "unexpected"):
        if name in told:
            assert told[name] == expect.get(name, []), f"{name}: {told[name]}"


def check_words(expect, error, said):
    wanted, message = expect.get("raises"), expect.get("message")
    assert (type(error).__name__ if error else None) == wanted, f"raises {type(error).__name__}: {error}"
    if message is None or OUR_WORDS.search(message):
        return
    texts = [*words_of(error), repr(error)] if error else said
    texts = [text.replace("(expected alignment=4).If", "(expected alignment=4). If") for text in texts]
    assert any(message in text for text in texts), f"says {texts}"


def check_change(system, expect, error, before, after):
    changed = [key for key in after if after[key] != before.get(key)]
    done = expect.get("partial", []) if error else [*expect.get("assigned", []), *expect.get("added", [])]
    done = system.names_of(done) if hasattr(system, "names_of") else done
    assert sorted(changed) == sorted(done), f"has changed {changed}"
    if not error and expect.get("missing") is not None and not hasattr(system, "names_of"):
        # What positions decide is told by names here, and set all the same.
        kept = [key for key in before if key not in changed and key not in expect.get("missing", [])]
        assert kept == [], f"has kept {kept}"


def main():
    warnings.filterwarnings("ignore")
    cases = [case for case in read_json(FILE.read_text("utf-8")).get("cases") if case.get("interop", True)]
    passed = failed = 0
    for prefix, name in LOADED_BY.items():
        own = [case for case in cases if case.get("policy").split("-")[0] == prefix]
        try:
            system = open_system(name)
        except ImportError as error:
            print(f"{name} cannot be imported, {len(own)} loads are not run: {error}")
            failed += 0 if name in OPTIONAL else len(own)
            continue
        wrong = 0
        for case in own:
            try:
                check(system, case)
            except Exception as error:  # noqa: BLE001 (every case is told)
                wrong += 1
                print(f"FAILED {case.get('id')}: {type(error).__name__}: {error}")
        print(f"{prefix}, {version_of(name)}: {len(own) - wrong} of {len(own)} loads agree")
        passed += len(own) - wrong
        failed += wrong
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    raise SystemExit(main())
