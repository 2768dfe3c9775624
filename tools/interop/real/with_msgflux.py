"""The operations of msgflux on the real library."""

import contextlib
import tempfile
from pathlib import Path

from real.forms import System


class Msgflux(System):
    def __init__(self):
        import msgflux
        import msgflux.nn as nn

        self.lib, self.nn = msgflux, nn

    def form(self, tag, node, build):
        value = node[0][1]
        if tag == "$parameter":
            return self.nn.Parameter(build("value", value), node.get("spec", "spec"), requires_grad=node.get("requires_grad", True))
        return ("register", tag, build("value", value) if tag == "$buffer" else value)

    def module(self, name, members, node):
        module = type(name, (self.nn.Module,), {})()
        for key, value in members:
            match value:
                case ("register", "$buffer", data):
                    module.register_buffer(key, data)
                case ("register", "$unset", _):
                    module.register_parameter(key, None)
                case _:
                    setattr(module, key, value)
        return module

    def list(self, items):
        return self.nn.ModuleList(items)

    def dict(self, items):
        return self.nn.ModuleDict(items)

    def run(self, op, args):
        match op:
            case "state_dict":
                return args["module"].state_dict(**{key: args[key] for key in ("destination", "prefix") if key in args})
            case "named_parameters":
                return {key: parameter.data for key, parameter in args["module"].named_parameters()}
            case "check_name":
                module, name = self.nn.Module(), args["name"]
                match args.get("kind", "buffer"):
                    case "buffer":
                        module.register_buffer(name, 1)
                    case "parameter":
                        module.register_parameter(name, self.nn.Parameter("x", "s"))
                    case "module":
                        module.add_module(name, self.nn.Module())
                return name
            case "save" | "load" if args["path"].endswith(".toml") and args.get("version") != "0.5.1":
                return self.toml(op, args)
            case "save":
                with contextlib.chdir(tempfile.mkdtemp()):
                    self.lib.save(args["state_dict"], args["path"])
                    return Path(args["path"]).read_text("utf-8")
            case "load":
                with contextlib.chdir(tempfile.mkdtemp()):
                    Path(args["path"]).write_text(args["text"], "utf-8")
                    return self.lib.load(args["path"])

    def toml(self, op, args):
        """What msgflux 0.1.0a3 did around `msgspec.toml`, which is around tomli_w."""
        import msgspec

        def swap(value, old, new):
            if isinstance(value, dict):
                return {key: swap(item, old, new) for key, item in value.items()}
            if isinstance(value, list):
                return [swap(item, old, new) for item in value]
            return new if value == old and type(value) is type(old) else value

        if op == "save":
            return msgspec.toml.encode(swap(args["state_dict"], None, "None")).decode()
        return swap(msgspec.toml.decode(args["text"]), "None", None)

    def snapshot(self, module):
        return {key: repr(value) for key, value in module.state_dict().items()}

    def load(self, policy, module, source, case):
        assert module.load_state_dict(source) is None
        return {}
