"""The forms of docs/operations.md as objects of Python and back. A library adds its own in a subclass."""

import collections
import math


class Pairs(list):
    """A JSON object in its own order."""

    def get(self, name, default=None):
        return next((value for key, value in self if key == name), default)


def named_tuple(name, fields, cache={}):
    return cache.setdefault((name, fields), collections.namedtuple(name, fields))


class System:
    """Turns the forms of docs/operations.md into the objects of one library, and its results into the forms again."""

    def build(self, node, path="", made=None):
        made = {} if made is None else made
        built = self.build_one(node, path, made)
        made[path] = built
        return built

    def below(self, path, part):
        return f"{path}.{part}" if path else str(part)

    def build_one(self, node, path, made):
        if not isinstance(node, list):
            return node
        if not isinstance(node, Pairs):
            return [self.build(item, self.below(path, i), made) for i, item in enumerate(node)]
        tag = node[0][0] if node else ""
        if not tag.startswith("$"):
            return {key: self.build(value, self.below(path, key), made) for key, value in node}
        value = node[0][1]
        build = lambda part, item: self.build(item, self.below(path, part), made)  # noqa: E731
        match tag:
            case "$dict":
                return {build("key", key): build(i, item) for i, (key, item) in enumerate(value)}
            case "$tuple":
                return tuple(build(i, item) for i, item in enumerate(value))
            case "$namedtuple":
                fields = node.get("fields")
                return named_tuple(value, tuple(name for name, _ in fields))(*[build(name, item) for name, item in fields])
            case "$float":
                return float(value)
            case "$tensor":
                return self.tensor(value.get("dtype"), value.get("shape"), value.get("data"))
            case "$same":
                return made[value]
            case "$module":
                return self.module(value, [(key, build(key, item)) for key, item in node.get("members", [])], node)
            case "$list":
                return self.list([build(i, item) for i, item in enumerate(value)])
            case "$moduledict":
                return self.dict({key: build(key, item) for key, item in value})
        return self.form(tag, node, build)

    def list(self, items):
        return items

    def dict(self, items):
        return items

    def write(self, value):
        if value is None or isinstance(value, (bool, int, str)):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else Pairs([("$float", repr(value))])
        if isinstance(value, dict):
            named = all(isinstance(key, str) for key in value)
            if named:
                return Pairs((key, self.write(item)) for key, item in value.items())
            return Pairs([("$dict", [[self.write(key), self.write(item)] for key, item in value.items()])])
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            fields = Pairs((name, self.write(item)) for name, item in zip(value._fields, value))
            return Pairs([("$namedtuple", type(value).__name__), ("fields", fields)])
        if isinstance(value, tuple):
            return Pairs([("$tuple", [self.write(item) for item in value])])
        if isinstance(value, list):
            return [self.write(item) for item in value]
        if hasattr(value, "dtype"):
            data = [self.write(item) for item in value.reshape(-1).tolist()]
            return Pairs([("$tensor", Pairs([("dtype", str(value.dtype).removeprefix("torch.")), ("shape", list(value.shape)), ("data", data)]))])
        raise TypeError(f"no form for {type(value)}")


class Jax(System):
    def tensor(self, dtype, shape, data):
        import jax.numpy as jnp

        return jnp.array(data, dtype=dtype).reshape(shape)
