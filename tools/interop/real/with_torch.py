"""The operations of PyTorch on the real library."""

import collections
import re

from real.forms import Pairs, System


class Torch(System):
    def __init__(self):
        import torch

        self.torch = torch

        class OldNorm(torch.nn.modules.batchnorm._NormBase):
            """What a batch norm does for files of its first version, around members of any kind."""

            track_running_stats = True

            def __init__(self):
                torch.nn.Module.__init__(self)

        self.old_norm = OldNorm

    def tensor(self, dtype, shape, data):
        return self.torch.tensor(data, dtype=getattr(self.torch, dtype)).reshape(shape)

    def form(self, tag, node, build):
        value = node[0][1]
        if tag == "$parameter":
            return self.torch.nn.Parameter(build("value", value))
        return ("register", tag, build("value", value) if tag == "$buffer" else None, node.get("persistent", True))

    def module(self, name, members, node):
        body = {"_version": node.get("version", 1)}
        if node.get("extra_state") is not None:
            extra = [dict(node.get("extra_state"))]
            body["get_extra_state"] = lambda _: extra[0]
            body["set_extra_state"] = lambda _, state: extra.__setitem__(0, state)
        base = self.old_norm if name == "BatchNorm1d" else self.torch.nn.Module
        module = type(name, (base,), body)()
        for key, value in members:
            match value:
                case ("register", "$buffer", data, persistent):
                    module.register_buffer(key, data, persistent=persistent)
                case ("register", "$unset", _, _):
                    module.register_parameter(key, None)
                case _:
                    setattr(module, key, value)
        return module

    def list(self, items):
        return self.torch.nn.ModuleList(items)

    def run(self, op, args):
        match op:
            case "state_dict":
                return dict(args["module"].state_dict())
            case "metadata":
                return dict(args["module"].state_dict()._metadata)
            case "consume_prefix_in_state_dict_if_present":
                from torch.nn.modules.utils import consume_prefix_in_state_dict_if_present

                consume_prefix_in_state_dict_if_present(args["state_dict"], args["prefix"])
                return args["state_dict"]

    def write(self, value):
        return super().write(value.detach() if isinstance(value, self.torch.Tensor) else value)

    def snapshot(self, module):
        return {key: repr(value) for key, value in module.state_dict().items()}

    def load(self, policy, module, source, case):
        facts, options = case.get("as", Pairs()), case.get("options", Pairs())
        if options.get("map") and isinstance(source, dict):
            for pattern, to in options.get("map"):
                source = {re.sub(pattern, to, key): value for key, value in source.items()}
        if facts.get("versions"):
            source = collections.OrderedDict(source)
            source._metadata = {path: {"version": version} for path, version in facts.get("versions")}
        how = {"torch-strict": {}, "torch-nonstrict": {"strict": False}, "torch-assign": {"assign": True}}[policy]
        returned = module.load_state_dict(source, **how)
        return {"missing": returned.missing_keys, "unexpected": returned.unexpected_keys, "says": repr(returned)}
