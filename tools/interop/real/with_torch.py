"""The operations of PyTorch on the real library."""

from real.forms import System


class Torch(System):
    def __init__(self):
        import torch

        self.torch = torch

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
            extra = dict(node.get("extra_state"))
            body["get_extra_state"] = lambda _: extra
        module = type(name, (self.torch.nn.Module,), body)()
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
