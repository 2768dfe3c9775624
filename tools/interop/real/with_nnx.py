"""The operations of flax.nnx on the real library."""

from real.forms import Jax, Pairs


class Nnx(Jax):
    def __init__(self):
        from flax import nnx
        from flax.nnx import filterlib, statelib

        self.nnx, self.filterlib, self.statelib, self.types = nnx, filterlib, statelib, {}

    def variable_type(self, name, bases=()):
        own = getattr(self.nnx, name, None)
        return own or self.types.setdefault(name, type(name, tuple(getattr(self.nnx, base) for base in bases), {}))

    def form(self, tag, node, build):
        assert tag == "$variable", tag
        metadata = {key: build(key, value) for key, value in node.get("metadata", [])}
        if node.get("tag") is not None:
            metadata["tag"] = node.get("tag")
        return self.variable_type(node[0][1], node.get("bases", ()))(build("value", node.get("value")), **metadata)

    def module(self, name, members, node):
        def init(module):
            for key, value in members:
                setattr(module, key, value)

        return type(name, (self.nnx.Module,), {"__init__": init})()

    def list(self, items):
        return self.nnx.List(items)

    def dict(self, items):
        return self.nnx.Dict(items)

    def filter(self, value):
        lib = self.filterlib
        match value:
            case "...":
                return ...
            case {"type": name}:
                return {"int": int}.get(name) or self.variable_type(name)
            case {"tag": tag}:
                return tag
            case {"path_contains": key}:
                return lib.PathContains(key, exact=value.get("exact", True))
            case {"path_in": paths}:
                return lib.PathIn(*[tuple(path) for path in paths])
            case {"any": filters}:
                return lib.Any(*map(self.filter, filters))
            case {"all": filters}:
                return lib.All(*map(self.filter, filters))
            case {"not": one}:
                return lib.Not(self.filter(one))
            case list():
                return [self.filter(item) for item in value]
            case str() if hasattr(self.nnx, value) or value in self.types:
                return self.variable_type(value)
        return value

    def write(self, value):
        if isinstance(value, self.nnx.Variable):
            bases = [base.__name__ for base in type(value).__bases__] if type(value).__name__ in self.types else []
            metadata = {k: v for k, v in value.get_metadata().items() if k not in ("hijax", "ref", "eager_sharding")}
            tag = metadata.pop("tag", None)
            return Pairs(
                [("$variable", type(value).__name__)]
                + ([("bases", bases)] if bases else [])
                + [("value", self.write(value.get_value()))]
                + ([("tag", tag)] if tag is not None else [])
                + ([("metadata", self.write(metadata))] if metadata else [])
            )
        if isinstance(value, self.nnx.State):
            return super().write(value.raw_mapping)
        return super().write(value)

    def write_flat(self, pairs):
        return [[list(path), leaf] for path, leaf in pairs]

    def write_states(self, states):
        return list(states) if isinstance(states, tuple) else states

    def run(self, op, args):
        nnx = self.nnx
        state = nnx.State(args["state"]) if isinstance(args.get("state"), dict) else args.get("state")
        cls = {"cls": dict} if args.get("cls") == "dict" else {}
        match op:
            case "State":
                return nnx.State(args["mapping"], **({"_copy": args["_copy"]} if "_copy" in args else {}))
            case "state":
                return self.write_states(nnx.state(args["module"], *map(self.filter, args.get("filters", []))))
            case "to_flat_state":
                return self.write_flat(nnx.to_flat_state(state))
            case "from_flat_state":
                return nnx.from_flat_state(args["flat_state"], **cls)
            case "filter_state":
                return self.write_states(nnx.filter_state(state, *map(self.filter, args["filters"])))
            case "split_state":
                return self.write_states(nnx.split_state(state, *map(self.filter, args["filters"])))
            case "merge_state":
                return nnx.merge_state(*args["states"], **cls)
            case "diff":
                return self.statelib.diff(state, nnx.State(args["other"]))
            case "to_pure_dict":
                extract = {"type": lambda leaf: type(leaf).__name__}.get(args.get("extract_fn"))
                return nnx.to_pure_dict(state, extract)
            case "replace_by_pure_dict":
                replace = {"value": lambda _, value: value}.get(args.get("replace_fn"))
                assert nnx.replace_by_pure_dict(state, args["pure_dict"], replace) is None
                return state
            case "restore_int_paths":
                return nnx.restore_int_paths(args["pure_dict"])
            case "flatten_mapping":
                flat = nnx.traversals.flatten_mapping(args["mapping"], **{k: args[k] for k in ("sep", "keep_empty_nodes") if k in args})
                return flat if "sep" in args else self.write_flat(flat.items())
            case "update":
                nnx.update(args["node"], *args["states"])
                return args["node"]

    def snapshot(self, node):
        nnx = self.nnx
        mapping = nnx.state(node).raw_mapping if isinstance(node, nnx.Module) else getattr(node, "raw_mapping", node)
        return {".".join(map(str, path)): repr(leaf) for path, leaf in leaves(mapping, ())}

    def load(self, policy, target, source, case):
        nnx = self.nnx
        match policy:
            case "nnx-replace-by-pure-dict":
                assert nnx.replace_by_pure_dict(target, source) is None
            case "nnx-update":
                assert nnx.update(target, nnx.State(source)) is None
            case "nnx-merge":
                return {"after": nnx.merge(nnx.split(target)[0], nnx.State(source))}
            case "flax-from-state-dict":
                import flax

                return {"after": flax.serialization.from_state_dict(target, source)}
        return {}

    def target(self, policy, target):
        return self.nnx.State(target) if policy == "nnx-replace-by-pure-dict" else target


def leaves(node, path):
    """Of dicts, lists and tuples, in their own order."""
    if hasattr(node, "_fields"):
        items = zip(node._fields, node)
    elif isinstance(node, (list, tuple)):
        items = enumerate(node)
    elif isinstance(node, dict):
        items = node.items()
    else:
        yield path, node
        return
    for key, value in items:
        yield from leaves(value, (*path, key))
