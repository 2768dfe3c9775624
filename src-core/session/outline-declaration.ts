import { identifyPath, type Outline, type OutlineEntry, type OutlineValue } from '../load/outline.ts';
import type { LoadPolicy } from '../load/policy.ts';
import { splitKey } from '../load/split-key.ts';
import type { PathPart } from '../model/keys/key.ts';
import { readPythonDType } from '../model/python-dtypes.ts';
import type { JsonNode } from '../model/state-dict.ts';
import { Arguments } from '../ops/systems/arguments.ts';
import {
  type Datum,
  type Dict,
  isDict,
  isList,
  isModule,
  isTagged,
  type Module,
  type Pair,
} from '../ops/systems/data.ts';
import { decodeDatum } from '../ops/systems/decode.ts';
import { encodeDatum } from '../ops/systems/encode.ts';
import { mapLeaves } from '../ops/systems/inox/flatten.ts';
import { exportState } from '../ops/systems/inox/operations.ts';
import { collectEntries } from '../ops/systems/msgflux/state-dict.ts';
import { traverseNode } from '../ops/systems/nnx/state.ts';
import type { SystemName } from '../ops/systems/operation.ts';
import { showType } from '../ops/systems/python-repr.ts';
import { resolveSame } from '../ops/systems/resolve-same.ts';
import { findOperation, SYSTEM_OPERATIONS } from '../ops/systems/run-operation.ts';
import { translate } from '../ops/systems/translate.ts';

/**
 * A declared module, or a state dict written in the forms of docs/operations.md, as the system of a policy would have it.
 *
 * @throws `bad-input` for forms that make no sense, `raised` where the system refuses such a module.
 */
export function outlineDeclaration(node: JsonNode, policy: LoadPolicy): Outline {
  const system = systemOf(policy);
  const datum = translate(resolveSame(decodeDatum(node)), system);
  const read = READERS[policy.id.split('-')[0] ?? ''] ?? outlineFlat;
  if (policy.id === 'inox-combine') return outlineLeaves(datum);
  return isModule(datum) || isDict(datum) || policy.id.startsWith('flax') || system === 'inox'
    ? { ...read(datum), origin: 'declaration' }
    : { entries: [], origin: 'declaration', notDict: showType(datum) };
}

function systemOf({ id }: LoadPolicy): SystemName {
  const [name = ''] = id.split('-');
  return (name === 'flax' ? 'nnx' : name) as SystemName;
}

const READERS: Readonly<Record<string, (datum: Datum) => Omit<Outline, 'origin'>>> = {
  torch: (datum) => {
    if (!isModule(datum)) return outlineFlat(datum);
    const versions = run('torch.metadata', datum).items.map(([path, info]): [string, number] => {
      const version = isDict(info) ? info.items.find(([name]) => name === 'version')?.[1] : undefined;
      return [String(path), Number(version ?? 1)];
    });
    const trained = new Set(listTrained(datum, ''));
    const { entries } = outlineFlat(run('torch.state_dict', datum));
    return {
      entries: entries.map((entry) => (trained.has(entry.key) ? { ...entry, role: 'parameter' } : entry)),
      className: datum.type,
      modules: new Map(versions),
    };
  },
  max: (datum) => outlineFlat(isModule(datum) ? run('max.raw_state_dict', datum) : datum),
  caten: (datum) => outlineFlat(isModule(datum) ? run('caten.get-state-dict', datum) : datum, true),
  nnx: (datum) => {
    if (!isModule(datum)) return outlineNested(datum, false);
    return { ...outlineNested(traverseNode(datum).state, false), containers: new Map(listNodes(datum, [])) };
  },
  flax: (datum) => outlineNested(isModule(datum) ? traverseNode(datum).state : datum, true),
  inox: (datum) => outlineFlat(isDict(datum) && holdsKeys(datum) ? datum : exportState(datum).state),
  msgflux: (datum) => {
    if (!isModule(datum)) return outlineFlat(datum);
    const entries = collectEntries(datum, '').entries.map(
      ({ key, value, role }): OutlineEntry => ({ key, parts: splitKey(key), value: outlineDatum(value), role }),
    );
    return { entries };
  },
  dspy: (datum) => outlinePredicts(isModule(datum) ? run('dspy.dump_state', datum) : datum),
};

/** Modules below one, those without any state too. */
function* listNodes({ style, members }: Module, parts: readonly PathPart[]): Generator<readonly [string, string]> {
  for (const [i, [name, value]] of members.entries()) {
    if (!isModule(value)) continue;
    const below = [...parts, style === 'list' ? i : name];
    yield [identifyPath(below), 'module'];
    yield* listNodes(value, below);
  }
}

/** Keys of parameters that require a gradient. */
function* listTrained({ members }: Module, prefix: string): Generator<string> {
  for (const [name, value] of members) {
    if (isModule(value)) yield* listTrained(value, `${prefix}${name}.`);
    else if (isTagged(value) && value.kind === 'parameter' && value.requiresGrad) yield prefix + name;
  }
}

function run(id: string, module: Module): Dict {
  const { result } = findOperation(SYSTEM_OPERATIONS, id).run(new Arguments(new Map([['module', module]])));
  return isDict(result) ? result : { kind: 'dict', items: [] };
}

/** A dict of keys and values. `bare`: a tensor without numbers has no buffer. */
function outlineFlat(datum: Datum, bare = false): Omit<Outline, 'origin'> {
  const items: readonly Pair[] = isDict(datum) ? datum.items : [];
  return {
    entries: items.map(([name, value]) => {
      const key = textOfKey(name);
      return { key, parts: splitKey(key), value: outlineDatum(value, bare) };
    }),
  };
}

const textOfKey = (key: Datum): string => String(isTagged(key) && key.kind === 'key' ? key.key : key);
const holdsKeys = ({ items }: Dict): boolean => items.every(([key]) => isTagged(key) && key.kind === 'key');

/** Leaves by paths. flax.nnx nests dicts alone, flax.serialization lists and tuples too. */
function outlineNested(root: Datum, opensLists: boolean): Omit<Outline, 'origin'> {
  const entries: OutlineEntry[] = [];
  const containers = new Map<string, string>();
  const visit = (datum: Datum, parts: readonly PathPart[]): void => {
    const children = childrenOf(datum, opensLists);
    if (!children || (children.length === 0 && parts.length > 0))
      entries.push({ key: parts.join('.'), parts, value: outlineDatum(datum) });
    for (const [part, child] of children ?? []) visit(child, [...parts, part]);
    if (children && !isDict(datum)) containers.set(identifyPath(parts), containerOf(datum));
  };
  visit(root, []);
  return { entries, containers };
}

function childrenOf(datum: Datum, opensLists: boolean): readonly (readonly [PathPart, Datum])[] | undefined {
  if (isDict(datum)) return datum.items.map(([key, value]) => [partOfKey(key), value] as const);
  if (!opensLists) return undefined;
  if (isList(datum)) return datum.map((item, i) => [i, item] as const);
  if (!isTagged(datum) || datum.kind !== 'tuple') return undefined;
  return datum.items.map((item, i) => [datum.fields?.[i] ?? i, item] as const);
}

const partOfKey = (key: Datum): PathPart => (typeof key === 'bigint' ? Number(key) : textOfKey(key));
const containerOf = (datum: Datum): string =>
  isTagged(datum) && datum.kind === 'tuple' ? (datum.fields ? 'namedtuple' : 'tuple') : 'list';

/** The leaves of a tree by their `keystr`, which is what `partition` gives. */
function outlineLeaves(datum: Datum): Outline {
  const entries: OutlineEntry[] = [];
  const visit = (tree: Datum, prefix: string): void => {
    mapLeaves(tree, '0.8.0', (leaf, text) => {
      const key = prefix + text;
      if (isTagged(leaf) && leaf.kind === 'entry') visit(leaf.value, `${key}.value`);
      else entries.push({ key, parts: splitKey(key), value: outlineDatum(leaf) });
      return leaf;
    });
  };
  if (isDict(datum) && !isModule(datum) && datum.items.every(([key]) => isKeystr(key)))
    return { ...outlineFlat(datum), origin: 'declaration' };
  visit(datum, '');
  return { entries, origin: 'declaration' };
}

/** Leaves that are given by their names already. */
const isKeystr = (key: Datum): boolean => typeof key === 'string' && /^[.[]/.test(key);

/** Fields of every Predict, as the file has them. */
function outlinePredicts(datum: Datum): Omit<Outline, 'origin'> {
  const entries: OutlineEntry[] = [];
  const containers = new Map<string, string>();
  const visit = (value: Datum, key: string, parts: readonly PathPart[]): void => {
    if (isDict(value) && value.items.length > 0)
      for (const [name, child] of value.items)
        visit(child, key ? `${key}.${textOfKey(name)}` : textOfKey(name), [...parts, textOfKey(name)]);
    else entries.push({ key, parts, value: outlineDatum(value) });
    if (isDict(value) && value.items.some(([name]) => name === 'signature'))
      containers.set(identifyPath(parts), 'Predict');
  };
  const versions = new Map<string, string>();
  for (const [name, value] of isDict(datum) ? datum.items : []) {
    if (name === 'metadata') readVersions(value, versions);
    else visit(value, textOfKey(name), [textOfKey(name)]);
  }
  return { entries, containers, dependencies: versions };
}

function readVersions(metadata: Datum, into: Map<string, string>): void {
  const versions = isDict(metadata) ? metadata.items.find(([name]) => name === 'dependency_versions')?.[1] : undefined;
  if (versions !== undefined && isDict(versions))
    for (const [name, value] of versions.items) into.set(String(name), String(value));
}

function outlineDatum(datum: Datum, bare = false): OutlineValue {
  if (!isTagged(datum)) return plainValue(datum);
  switch (datum.kind) {
    case 'tensor': {
      const shape = datum.shape.map((dim) => (typeof dim === 'bigint' ? Number(dim) : dim));
      const isEmpty = bare && datum.data === undefined && datum.fill === undefined;
      return { kind: 'tensor', dtype: readPythonDType(datum.dtype), shape, ...(isEmpty && { isEmpty: true }) };
    }
    case 'weight': {
      const shape = datum.shape.map((dim) => (typeof dim === 'bigint' ? Number(dim) : dim));
      const encoding = datum.quantizationEncoding;
      const dtype = readPythonDType(datum.dtype);
      const align = datum.align === undefined ? {} : { align: Number(datum.align) };
      return { kind: 'tensor', dtype, shape, ...align, ...(encoding !== undefined && { encoding }) };
    }
    case 'variable':
    case 'parameter':
    case 'buffer':
    case 'entry':
      return outlineDatum(datum.value, bare);
    default:
      return plainValue(datum);
  }
}

function plainValue(datum: Datum): OutlineValue {
  const isData = isList(datum) || (isTagged(datum) && datum.kind === 'dict');
  return { kind: 'object', type: showType(datum), ...(isData && { json: encodeDatum(datum) }) };
}
