"""Files that are saved with edits by this project, and checked one by one against what a library reads."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "src-core" / "fixtures"


def edit(op, **args):
    return {"op": op, "args": args}


def check_saved(cases, extension, check):
    """
    Saves each case, `(fixture, edits, …)`, and calls `check(case, written)`. Without an extension a file keeps the name of its fixture.
    Prints `N passed, N failed`; gives the exit code.
    """
    out = Path(tempfile.mkdtemp(prefix="stateglass-interop-"))
    files = [out / f"{i}{extension}" if extension else out / str(i) / Path(case[0]).name for i, case in enumerate(cases)]
    for file in files:
        file.parent.mkdir(exist_ok=True)
    failed = 0
    try:
        lines = [json.dumps({"from": str(FIXTURES / case[0]), "to": str(file), "edits": case[1]}) for case, file in zip(cases, files)]
        (out / "cases.jsonl").write_text("\n".join(lines) + "\n")
        command = ["node", str(ROOT / "tools/run.mjs"), "tools/interop/save-edited.ts", str(out / "cases.jsonl")]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        for case, file in zip(cases, files):
            try:
                check(case, file)
            except Exception as error:  # a library's own refusal is a failed check, like any other
                failed += 1
                print(f"FAILED {case[0]} {case[1]}: {type(error).__name__}: {error}", flush=True)
    finally:
        shutil.rmtree(out)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0
