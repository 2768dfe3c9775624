"""Whether a real library answers a call as it is expected to."""

import importlib
import importlib.metadata
import json

from real.forms import Pairs

#: The package of each system, and the class here that runs it.
LIBRARIES = {
    "msgflux": ("msgflux", "Msgflux"),
    "inox": ("inox", "Inox"),
    "nnx": ("flax", "Nnx"),
    "torch": ("torch", "Torch"),
    "dspy": ("dspy", "Dspy"),
}
#: Those of which only loading is compared.
LOADED = {"max": ("max", "Max")}


def open_system(name):
    return getattr(importlib.import_module(f"real.with_{name}"), (LIBRARIES | LOADED)[name][1])()


def version_of(name):
    package = (LIBRARIES | LOADED)[name][0]
    return f"{package} {importlib.metadata.version(package)}"


def read_json(text):
    return json.loads(text, object_pairs_hook=Pairs)


def canonical(node):
    """Comparable text, in order. Members that are empty may be left out."""
    return json.dumps(plain(node))


def plain(node):
    if isinstance(node, Pairs):
        return {"object": [(key, plain(value)) for key, value in node if not (key == "members" and value == [])]}
    return [plain(item) for item in node] if isinstance(node, list) else node


def run_real(system, op, args):
    """The result in forms, or the exception."""
    try:
        # inox: the release that is installed is the version there is.
        built = {key: system.build(value) for key, value in args if (op, key) != ("inox.export_state", "version")}
        return system.write(system.run(op.split(".")[1], built)), None
    except Exception as error:  # noqa: BLE001 (whatever the library raises is its answer)
        return None, error


def words_of(error):
    """A KeyError prints the repr of its message."""
    return [str(said) for said in (error, *error.args)]
