"""
Programs of DSPy whose instructions and demos were edited and saved here, loaded by DSPy's own `load`: they have what was typed, and
everything else as it was. The last line is `N passed, N failed`.
"""

import inspect
import json
import subprocess
import tempfile
from pathlib import Path

import dspy

ROOT = Path(__file__).resolve().parents[2]
TYPED = 'Answer from the passages alone.\n\n1. "Quote" them — 短く ✓\n2. Never guess: {question} \\ {{ x }}\t'
DEMOS = [{"augmented": True, "question": "2 < 3?", "answer": "é"}, {"question": "", "answer": "no"}]


class Program(dspy.Module):
    """Predictors in every place that DSPy finds them in: an attribute, a chain of thought, a list, a dict."""

    def __init__(self):
        super().__init__()
        self.query = dspy.Predict("question -> search_query")
        self.answer = dspy.ChainOfThought("passages: list[str], question -> answer")
        self.steps = [dspy.Predict("a -> b"), dspy.Predict("b -> c")]
        self.by_name = {"short": dspy.Predict("text -> summary")}


def programs():
    yield "modules", Program, Program()
    tuned = Program()
    tuned.answer.predict.demos = [dspy.Example(passages=["x"], question="q", reasoning="r", answer="a")]
    tuned.query.signature = tuned.query.signature.with_instructions("Search well.")
    tuned.query.lm = dspy.LM("openai/gpt-4o-mini", temperature=0.5)
    yield "tuned", Program, tuned
    yield "a predictor alone", lambda: dspy.Predict("question -> answer"), dspy.Predict("question -> answer")


def run_set(path, out, key, *value):
    command = ["node", str(ROOT / "tools/cli.mjs"), "set", str(path), key, *value, "-o", str(out)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr


def state_of(program):
    return {name: predictor.dump_state() for name, predictor in program.named_predictors()}


def check(fresh, program, name, folder):
    before, typed, demos = folder / "before.json", folder / "typed.json", folder / "demos.json"
    program.save(str(before))
    prefix = "" if isinstance(program, dspy.Predict) else f"{name}."
    run_set(before, typed, f"{prefix}signature.instructions", TYPED)
    run_set(typed, demos, f"{prefix}demos", json.dumps(DEMOS))
    loaded = fresh()
    loaded.load(str(before))
    wanted = state_of(loaded)
    loaded = fresh()
    loaded.load(str(typed))
    # A signature keeps its instructions as a doc string: DSPy widens their tabs.
    wanted[name]["signature"]["instructions"] = inspect.cleandoc(TYPED)
    found = state_of(loaded)
    assert found == wanted, f"{found[name]} is not {wanted[name]}" if found[name] != wanted[name] else "other predictors changed"
    written = json.loads(typed.read_text())
    assert (written if prefix == "" else written[name])["signature"]["instructions"] == TYPED, "other words in the file"
    loaded = fresh()
    loaded.load(str(demos))
    found = [dict(demo) for demo in dict(loaded.named_predictors())[name].demos]
    assert found == DEMOS, f"the demos are {found}"


def main():
    passed = failed = 0
    for title, fresh, program in programs():
        for name, _ in program.named_predictors():
            with tempfile.TemporaryDirectory(prefix="stateglass-interop-") as folder:
                try:
                    check(fresh, program, name, Path(folder))
                    passed += 1
                except Exception as error:  # noqa: BLE001 (a library's own refusal is a failed check)
                    failed += 1
                    print(f"FAILED {title}, {name}: {type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    raise SystemExit(main())
