"""The operations of DSPy on the real library."""

import json
import tempfile
from pathlib import Path

from real.forms import Pairs, System


class Dspy(System):
    """Only the names are compared: the fields of a Predict follow from its signature, not from the case."""

    def __init__(self):
        import dspy

        self.dspy = dspy

    def module(self, name, members, node):
        if name == "Predict":
            return self.dspy.Predict("question -> answer")
        module = type(name, (self.dspy.Module,), {})()
        for key, value in members:
            setattr(module, key, value)
        if node.get("compiled"):
            module._compiled = True
        return module

    def run(self, op, args):
        path = Path(tempfile.mkdtemp()) / "program.json"
        args["module"].save(str(path))
        return {key: None for key in json.loads(path.read_text())}

    def expected(self, result):
        return Pairs((key, None) for key, _ in result)

    def snapshot(self, program):
        return {name: repr((predict.signature.dump_state(), predict.lm and predict.lm.dump_state())) for name, predict in program.named_parameters()}

    def load(self, policy, program, source, case):
        path = Path(tempfile.mkdtemp()) / "program.json"
        path.write_text(json.dumps(source))
        assert program.load(str(path)) is None
        return {}

    def names_of(self, keys):
        """Of the Predicts that keys belong to."""
        return list(dict.fromkeys(key.split(".")[0] for key in keys))
