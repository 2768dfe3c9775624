import type { JsonNode } from '../../model/state-dict.ts';
import { type Datum, isList, type List, type Member, type Module, type Tagged, type Weight } from './data.ts';
import { showFloat } from './python-repr.ts';

type Members = readonly (readonly [string, JsonNode])[];

/** Data to JSON, in the forms that `decodeDatum` reads: what comes out can be handed to the next operation. */
export function encodeDatum(datum: Datum): JsonNode {
  if (datum === null) return { kind: 'null' };
  if (typeof datum === 'boolean') return { kind: 'bool', value: datum };
  if (typeof datum === 'string') return text(datum);
  if (typeof datum === 'bigint') return { kind: 'number', lexeme: String(datum) };
  if (typeof datum === 'number') return encodeFloat(datum);
  if (isList(datum)) return array(datum);
  return encodeTagged(datum);
}

const text = (value: string): JsonNode => ({ kind: 'string', value });
const array = (items: List): JsonNode => ({ kind: 'array', items: items.map(encodeDatum) });
const object = (...members: Members): JsonNode => ({ kind: 'object', members });
const members = (items: readonly Member[]): JsonNode =>
  object(...items.map(([name, value]) => [name, encodeDatum(value)] as const));

function encodeFloat(value: number): JsonNode {
  const lexeme = showFloat(value);
  return Number.isFinite(value) ? { kind: 'number', lexeme } : object(['$float', text(lexeme)]);
}

function encodeTagged(datum: Tagged): JsonNode {
  switch (datum.kind) {
    case 'dict': {
      const named = datum.items.every(([key]) => typeof key === 'string' && !key.startsWith('$'));
      if (named) return members(datum.items as readonly Member[]);
      const pairs = datum.items.map((pair) => array(pair));
      return object(['$dict', { kind: 'array', items: pairs }]);
    }
    case 'tuple':
      if (datum.type === undefined) return object(['$tuple', array(datum.items)]);
      return object(
        ['$namedtuple', text(datum.type)],
        ['fields', members((datum.fields ?? []).map((name, i): Member => [name, datum.items[i] ?? null]))],
      );
    case 'set':
      return object(['$set', array(datum.items)]);
    case 'tensor': {
      const { dtype, shape, data, fill } = datum;
      return object([
        '$tensor',
        object(['dtype', text(dtype)], ['shape', array(shape)], ...optional('data', data), ...optional('fill', fill)),
      ]);
    }
    case 'variable': {
      const tag = datum.metadata.find(([name]) => name === 'tag')?.[1];
      const others = datum.metadata.filter(([name]) => name !== 'tag');
      return object(
        ['$variable', text(datum.type)],
        ...optional('bases', datum.bases.length > 0 ? datum.bases : undefined),
        ['value', encodeDatum(datum.value)],
        ...optional('tag', tag),
        ...(others.length > 0 ? [['metadata', members(others)] as const] : []),
        ...optional('guessed', datum.guessed),
      );
    }
    case 'entry':
      return object(['$entry', encodeDatum(datum.value)]);
    case 'key':
      return object(['$key', encodeDatum(datum.key)]);
    case 'module':
      return encodeModule(datum);
    case 'parameter':
      return object(
        ['$parameter', encodeDatum(datum.value)],
        ...optional('spec', datum.spec),
        ...optional('requires_grad', datum.requiresGrad ? undefined : false),
      );
    case 'buffer':
      return object(
        ['$buffer', encodeDatum(datum.value)],
        ...optional('persistent', datum.persistent ? undefined : false),
      );
    case 'weight':
      return encodeWeight(datum);
    case 'shared':
      return object(['$shared', encodeShared(datum.weight)]);
    case 'reference':
      return object(['$reference', encodeDatum(datum.tag)], ...optional('obj', datum.obj));
    case 'same':
      return object(['$same', text(datum.path)]);
    case 'unset':
      return object(['$unset', text(datum.of)]);
    case 'object':
      return object(
        ['$object', text(datum.type)],
        ...optional('serialized', datum.serialized),
        ...optional('schema', datum.schema),
      );
  }
}

const optional = (name: string, value: Datum | undefined): Members =>
  value === undefined ? [] : [[name, encodeDatum(value)]];

/** Unresolved, a shared weight is the path of the other; resolved, it is that weight. */
const encodeShared = (weight: Datum): JsonNode =>
  weight !== null && typeof weight === 'object' && !isList(weight) && weight.kind === 'same'
    ? text(weight.path)
    : encodeDatum(weight);

function encodeModule(module: Module): JsonNode {
  const type = module.type === module.style ? undefined : module.type;
  if (module.style === 'list')
    return object(['$list', array(module.members.map(([, value]) => value))], ...optional('type', type));
  if (module.style === 'dict') return object(['$moduledict', encodeMembers(module.members)], ...optional('type', type));
  return object(
    ['$module', text(module.type)],
    ...(module.members.length > 0 ? [['members', encodeMembers(module.members)] as const] : []),
    ...optional('omit_name', module.omitName),
    ...optional('scope', module.scope),
    ...optional('compiled', module.compiled),
    ...optional('version', module.version),
    ...optional('extra_state', module.extraState),
  );
}

/** An object cannot be read back by everyone when a name comes twice. */
function encodeMembers(items: readonly Member[]): JsonNode {
  const repeated = new Set(items.map(([name]) => name)).size < items.length;
  return repeated ? { kind: 'array', items: items.map(([name, value]) => array([name, value])) } : members(items);
}

function encodeWeight(weight: Weight): JsonNode {
  return object(
    ['$weight', weight.name === undefined ? { kind: 'null' } : text(weight.name)],
    ['dtype', text(weight.dtype)],
    ['shape', array(weight.shape)],
    ...optional('device', weight.device),
    ...optional('align', weight.align),
    ...optional('quantization_encoding', weight.quantizationEncoding),
    ...optional('sharding', weight.sharding),
  );
}
