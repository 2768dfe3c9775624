"""The operations of inox on the real library."""

from real.forms import Jax, Pairs


class Inox(Jax):
    def __init__(self):
        import inox.nn as nn

        self.nn = nn

    def form(self, tag, node, build):
        value = node[0][1]
        match tag:
            case "$entry":
                return self.nn.StateEntry(build("value", value))
            case "$key":
                return self.nn.StateKey(build("key", value))
            case "$parameter":
                return self.nn.Parameter(build("value", value))
            case "$reference":
                return self.nn.Reference(value, build("obj", node.get("obj")))

    def module(self, name, members, node):
        module = type(name, (self.nn.Scope if node.get("scope") else self.nn.Module,), {})()
        for key, value in members:
            setattr(module, key, value)
        return module

    def write(self, value):
        if isinstance(value, self.nn.StateEntry):
            return Pairs([("$entry", self.write(value.value))])
        if isinstance(value, self.nn.StateKey):
            return Pairs([("$key", self.write(value.key))])
        if isinstance(value, self.nn.Parameter):
            return Pairs([("$parameter", self.write(value.value))])
        if isinstance(value, self.nn.Reference):
            # A Scope gives every reference of a tag the one object: written where it comes first.
            first = value.tag not in self.tags
            self.tags.add(value.tag)
            return Pairs([("$reference", value.tag), *([("obj", self.write(value.obj))] if first else [])])
        if isinstance(value, self.nn.Module):
            members = Pairs((key, self.write(item)) for key, item in sorted(vars(value).items()))
            scope = [("scope", True)] if isinstance(value, self.nn.Scope) else []
            return Pairs([("$module", type(value).__name__), ("members", members), *scope])
        return super().write(value)

    def run(self, op, args):
        self.tags = set()
        match op:
            case "export_state":
                tree, state = self.nn.export_state(args["tree"])
                return {"tree": tree, "state": state}
            case "update_state":
                return self.nn.update_state(args["state"], args["mutation"])
            case "lookup":
                return args["state"][args["key"]]

    def snapshot(self, tree):
        if isinstance(tree, dict) and any(isinstance(key, self.nn.StateKey) for key in tree):
            return {key.key: repr(value) for key, value in tree.items()}
        return {key: repr(value) for key, value in self.partition(tree)[1].items()}

    def partition(self, tree):
        import inox

        return inox.tree.partition(tree)

    def load(self, policy, tree, source, case):
        import inox

        if policy == "inox-update-state":
            before = dict(tree)
            updated = self.nn.update_state(tree, source)
            assert tree == before or True in [key in tree for key in before], "the state itself has changed"
            return {"after": updated}
        return {"after": inox.tree.combine(self.partition(tree)[0], source)}
