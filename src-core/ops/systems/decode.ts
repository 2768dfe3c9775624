import type { JsonNode } from '../../model/state-dict.ts';
import type { Datum, List, Member, Pair, Tagged, Tensor } from './data.ts';
import { decodeDeclaration } from './decode-declaration.ts';
import { Fields, isInt, readText } from './fields.ts';
import { uniqueKeys } from './python-keys.ts';
import { badInput } from './raise.ts';

/**
 * JSON to data. What JSON has no word for is an object with a member that begins with a dollar sign:
 * `{"$tuple": […]}`, `{"$variable": "Param", "value": …}`. docs/operations.md has one example of each.
 */
export function decodeDatum(node: JsonNode): Datum {
  switch (node.kind) {
    case 'null':
      return null;
    case 'bool':
      return node.value;
    case 'string':
      return node.value;
    case 'number':
      return isInt(node.lexeme) ? BigInt(node.lexeme) : Number(node.lexeme);
    case 'array':
      return decodeItems(node.items);
    case 'literal':
      throw badInput(`${node.what} cannot be given as JSON`);
    case 'object': {
      const tag = node.members.find(([key]) => key.startsWith('$'))?.[0];
      if (tag === undefined) return uniqueKeys(node.members.map(([key, value]): Pair => [key, decodeDatum(value)]));
      const fields = new Fields(tag, node.members);
      const datum = decodeForm(tag, fields) ?? decodeDeclaration(tag, fields, decodeDatum);
      if (datum === undefined) throw badInput(`no form "${tag}"; a dict with such a key is written as $dict`);
      fields.finish();
      return datum;
    }
  }
}

const decodeItems = (items: readonly JsonNode[]): List => items.map(decodeDatum);

function decodeForm(tag: string, fields: Fields): Tagged | number | undefined {
  switch (tag) {
    case '$dict':
      return uniqueKeys(fields.items('$dict').map(decodePair));
    case '$tuple':
      return { kind: 'tuple', items: decodeItems(fields.items('$tuple')) };
    case '$namedtuple': {
      const members = fields.members('fields');
      const type = readText(fields.own, 'the class of a $namedtuple');
      return {
        kind: 'tuple',
        type,
        fields: members.map(([name]) => name),
        items: members.map(([, value]) => decodeDatum(value)),
      };
    }
    case '$set':
      return { kind: 'set', items: decodeItems(fields.items('$set')) };
    case '$float':
      return decodeFloat(readText(fields.own, '$float'));
    case '$tensor':
      return decodeTensor(fields.own);
    case '$variable':
      return decodeVariable(fields);
    case '$entry':
      return { kind: 'entry', value: decodeDatum(fields.own) };
    case '$key':
      return { kind: 'key', key: decodeDatum(fields.own) };
    default:
      return undefined;
  }
}

function decodePair(node: JsonNode): Pair {
  const [key, value, more] = node.kind === 'array' ? node.items : [];
  if (key === undefined || value === undefined || more) throw badInput('$dict has to be an array of pairs');
  return [decodeDatum(key), decodeDatum(value)];
}

function decodeFloat(text: string): number {
  const value = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }[text];
  if (value === undefined) throw badInput('$float has to be "nan", "inf" or "-inf"');
  return value;
}

function decodeVariable(fields: Fields): Tagged {
  const tag = fields.get('tag');
  const metadata = fields.members('metadata').map(([name, value]): Member => [name, decodeDatum(value)]);
  return {
    kind: 'variable',
    type: readText(fields.own, 'the class of a $variable'),
    bases: fields.get('bases') ? fields.items('bases').map((base) => readText(base, 'a base of a $variable')) : [],
    value: decodeDatum(fields.get('value') ?? { kind: 'null' }),
    metadata: tag === undefined ? metadata : [['tag', decodeDatum(tag)], ...metadata],
    ...(fields.flag('guessed', false) && { guessed: true }),
  };
}

function decodeTensor(node: JsonNode): Tensor {
  if (node.kind !== 'object') throw badInput('$tensor has to be an object with dtype and shape');
  const fields = new Fields('$tensor', node.members);
  const dtype = fields.text('dtype');
  if (dtype === undefined) throw badInput('a $tensor needs a dtype');
  const shape = fields.dims('shape');
  const fill = fields.get('fill');
  const data = fields.get('data') && flatten(fields.items('data'));
  fields.finish();
  const count = shape.every((dim) => typeof dim === 'bigint') ? shape.reduce((n, dim) => n * dim, 1n) : undefined;
  if (data && BigInt(data.length) !== count)
    throw badInput(
      `a $tensor of shape [${shape.join(', ')}] has ${count ?? 'no certain number of'} elements, not ${data.length}`,
    );
  return { kind: 'tensor', dtype, shape, ...(data && { data }), ...(fill && { fill: decodeDatum(fill) }) };
}

/** Nested rows are read as well as the flat list. */
const flatten = (items: readonly JsonNode[]): List =>
  items.flatMap((item) => (item.kind === 'array' ? flatten(item.items) : [decodeDatum(item)]));
