"""What MAX's `Module.load_state_dict` does, on the real library."""

from real.forms import Pairs, System


class Max(System):
    def __init__(self):
        import numpy
        from max.dtype import DType
        from max.graph import DeviceRef, Weight
        from max.graph.quantization import QuantizationEncoding
        from max.graph.weights import WeightData
        from max.nn import LayerList, Module

        self.np, self.DType, self.cpu, self.Weight, self.Module = numpy, DType, DeviceRef.CPU(), Weight, Module
        self.WeightData, self.encodings, self.LayerList = WeightData, QuantizationEncoding, LayerList

    def tensor(self, dtype, shape, data):
        return self.np.array(data, dtype=dtype).reshape(shape)

    def form(self, tag, node, build):
        if tag == "$shared":
            return ("shared", node[0][1])
        assert tag == "$weight", tag
        encoding = node.get("quantization_encoding")
        return ("weight", node[0][1], node)

    def weight(self, name, node):
        encoding = node.get("quantization_encoding")
        return self.Weight(
            node[0][1] or name,
            getattr(self.DType, node.get("dtype")),
            node.get("shape"),
            self.cpu,
            quantization_encoding=encoding and getattr(self.encodings, encoding),
            align=node.get("align"),
        )

    def build_one(self, node, path, made):
        built = super().build_one(node, path, made)
        if isinstance(built, tuple) and built[:1] == ("weight",):
            return self.weight(path.split(".")[-1], built[2])
        return ("shared", made[built[1]]) if isinstance(built, tuple) and built[:1] == ("shared",) else built

    def module(self, name, members, node):
        body = {"__call__": lambda _: None, "_omit_module_attr_name": bool(node.get("omit_name"))}
        module = type(name, (self.Module,), body)()
        for key, value in members:
            if isinstance(value, tuple):
                module.set_shared_weight(key, value[1])
            else:
                setattr(module, key, value)
        return module

    def list(self, items):
        return self.LayerList(items) if any(isinstance(item, self.Module) for item in items) else items

    def snapshot(self, module):
        return {key: repr(module._weight_values.get(key)) for key in module.raw_state_dict()}

    def load(self, policy, module, source, case):
        facts, options = case.get("as", Pairs()), case.get("options", Pairs())
        if isinstance(source, dict):
            source = {key: self.value(key, value, facts) for key, value in source.items()}
        module.load_state_dict(
            source,
            strict=policy == "max-strict",
            weight_alignment=options.get("weightAlignment"),
            override_quantization_encoding=bool(options.get("overrideQuantizationEncoding")),
        )
        return {}

    def value(self, key, array, facts):
        """As it lies in a file, and as MAX reads it from one."""
        address = facts.get("addresses", Pairs()).get(key)
        if address is not None:
            room = self.np.zeros(array.nbytes + 128, self.np.uint8)
            start = -room.ctypes.data % 64 + address
            moved = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
            moved[:] = array
            array = moved
        if not facts.get("weightData"):
            return array
        encoding = facts.get("encodings", Pairs()).get(key)
        data = self.WeightData.from_numpy(array, key)
        data.quantization_encoding = encoding and getattr(self.encodings, encoding)
        return data
