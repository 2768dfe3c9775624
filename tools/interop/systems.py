"""
The cases of the systems' operations (`src-core/fixtures/systems/cases.json`), run on the real libraries: msgflux, inox,
flax.nnx, PyTorch and DSPy. The unit tests run the same file on this program, so that both agree with it or one fails.
Cases with `"interop": false` are of what no installed library does. The last line is `N passed, N failed`.
"""

import os
import warnings
from pathlib import Path

from real.compare import LIBRARIES, canonical, open_system, read_json, run_real, version_of, words_of
from real.forms import Pairs

os.environ.setdefault("JAX_PLATFORMS", "cpu")
warnings.filterwarnings("ignore")
FILE = Path(__file__).resolve().parents[2] / "src-core" / "fixtures" / "systems" / "cases.json"


def substitute(node, given):
    if not isinstance(node, list):
        return node
    if not isinstance(node, Pairs):
        return [substitute(item, given) for item in node]
    name = node.get("$given")
    return substitute(given.get(name), given) if name else Pairs((key, substitute(value, given)) for key, value in node)


def check(system, case, given):
    got, error = run_real(system, case.get("op"), substitute(case.get("args"), given))
    wanted = case.get("error")
    if wanted is None:
        if error:
            raise error
        result = substitute(case.get("result"), given)
        result = system.expected(result) if hasattr(system, "expected") else result
        assert canonical(got) == canonical(result), f"\n  gives    {canonical(got)}\n  expected {canonical(result)}"
    else:
        assert error, f"it raises nothing, and gives {canonical(got)}"
        assert type(error).__name__ == wanted.get("type"), f"{type(error).__name__}: {error}"
        assert any(wanted.get("message") in said for said in words_of(error)), error


def main():
    file = read_json(FILE.read_text("utf-8"))
    passed = failed = 0
    for name in LIBRARIES:
        cases = [case for case in file.get("cases") if case.get("op").startswith(f"{name}.") and case.get("interop", True)]
        try:
            system = open_system(name)
        except ImportError as error:
            print(f"{name} cannot be imported: {error}")
            failed += len(cases)
            continue
        wrong = 0
        for case in cases:
            try:
                check(system, case, file.get("given"))
            except Exception as error:  # noqa: BLE001 (every case is told)
                wrong += 1
                print(f"FAILED {case.get('id')}: {type(error).__name__}: {error}")
        print(f"{version_of(name)}: {len(cases) - wrong} of {len(cases)} cases agree")
        passed += len(cases) - wrong
        failed += wrong
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    raise SystemExit(main())
