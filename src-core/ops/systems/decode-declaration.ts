import type { JsonNode } from '../../model/state-dict.ts';
import type { Datum, Member, Module, Tagged } from './data.ts';
import { type Fields, readText } from './fields.ts';
import { badInput } from './raise.ts';

type Decode = (node: JsonNode) => Datum;

/** The forms of a declared module: modules, parameters, buffers, weights, and what is shared between them. */
export function decodeDeclaration(tag: string, fields: Fields, decode: Decode): Tagged | undefined {
  switch (tag) {
    case '$module':
      return decodeModule(fields, decode);
    case '$list':
      return {
        kind: 'module',
        style: 'list',
        type: fields.text('type') ?? 'list',
        members: fields.items('$list').map((item, i): Member => [String(i), decode(item)]),
      };
    case '$moduledict':
      return {
        kind: 'module',
        style: 'dict',
        type: fields.text('type') ?? 'dict',
        members: decodeMembers(fields, '$moduledict', decode),
      };
    case '$parameter': {
      const spec = fields.text('spec');
      const requiresGrad = fields.flag('requires_grad', true);
      return { kind: 'parameter', value: decode(fields.own), requiresGrad, ...(spec !== undefined && { spec }) };
    }
    case '$buffer':
      return { kind: 'buffer', value: decode(fields.own), persistent: fields.flag('persistent', true) };
    case '$weight':
      return decodeWeight(fields, decode);
    case '$shared':
      return { kind: 'shared', weight: { kind: 'same', path: readText(fields.own, '$shared') } };
    case '$same':
      return { kind: 'same', path: readText(fields.own, '$same') };
    case '$reference': {
      const obj = fields.get('obj');
      return { kind: 'reference', tag: decode(fields.own), ...(obj && { obj: decode(obj) }) };
    }
    case '$unset': {
      const of = readText(fields.own, '$unset');
      if (of === 'parameter' || of === 'buffer' || of === 'module') return { kind: 'unset', of };
      throw badInput('$unset has to be "parameter", "buffer" or "module"');
    }
    case '$object': {
      const [serialized, schema] = [fields.get('serialized'), fields.get('schema')];
      return {
        kind: 'object',
        type: readText(fields.own, '$object'),
        ...(serialized && { serialized: decode(serialized) }),
        ...(schema && { schema: decode(schema) }),
      };
    }
    default:
      return undefined;
  }
}

const decodeMembers = (fields: Fields, name: string, decode: Decode): Member[] =>
  fields.members(name).map(([key, value]): Member => [key, decode(value)]);

function decodeModule(fields: Fields, decode: Decode): Module {
  const version = fields.int('version');
  const extraState = fields.get('extra_state');
  return {
    kind: 'module',
    style: 'module',
    type: readText(fields.own, 'the class of a $module'),
    members: decodeMembers(fields, 'members', decode),
    ...(fields.flag('omit_name', false) && { omitName: true }),
    ...(fields.flag('scope', false) && { scope: true }),
    ...(fields.flag('compiled', false) && { compiled: true }),
    ...(version !== undefined && { version }),
    ...(extraState && { extraState: decode(extraState) }),
  };
}

function decodeWeight(fields: Fields, decode: Decode): Tagged {
  const [name, dtype, device] = [fields.text('$weight'), fields.text('dtype'), fields.text('device')];
  const [align, encoding, sharding] = [
    fields.int('align'),
    fields.text('quantization_encoding'),
    fields.get('sharding'),
  ];
  if (dtype === undefined) throw badInput('a $weight needs a dtype');
  return {
    kind: 'weight',
    dtype,
    shape: fields.dims('shape'),
    ...(name !== undefined && { name }),
    ...(device !== undefined && { device }),
    ...(align !== undefined && { align }),
    ...(encoding !== undefined && { quantizationEncoding: encoding }),
    ...(sharding && { sharding: decode(sharding) }),
  };
}
