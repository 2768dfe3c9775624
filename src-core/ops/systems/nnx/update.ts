import { type Datum, type Dict, isDict, isTensor, isVariable, type Variable } from '../data.ts';
import { DictBuilder } from '../python-keys.ts';
import { showType, showValue } from '../python-repr.ts';
import { raised } from '../raise.ts';

/**
 * `nnx.update(node, state)` on the node's own state: what is new is added, what `state` has not stays. A Variable takes the
 * value and the metadata of a Variable, or a raw value alone; nothing is compared in shape.
 */
export function updateNode(node: Dict, state: Dict): Dict {
  const updated = new DictBuilder('nnx', node);
  for (const [key, value] of state.items) {
    const held = updated.get(key);
    updated.set(key, held === undefined ? value : updateChild(key, held, value));
  }
  return updated.finish();
}

function updateChild(key: Datum, held: Datum, value: Datum): Datum {
  if (isDict(held)) {
    if (isVariable(value) || isTensor(value))
      throw raised('nnx', 'ValueError', `Expected a subgraph for ${showValue(key)}, but got: ${showValue(value)}`);
    if (!isDict(value)) throw raised('nnx', 'AttributeError', `'${showType(value)}' object has no attribute 'items'`);
    return updateNode(held, value);
  }
  if (!isVariable(held)) return value;
  if (isVariable(value)) return { ...held, value: value.value, metadata: value.metadata };
  return isDict(value) && value.items.length === 0 ? held : ({ ...held, value } satisfies Variable);
}
