import { StateglassError } from '../base/errors.ts';
import type { PathPart } from '../model/keys/key.ts';
import { readPythonDType } from '../model/python-dtypes.ts';
import type { DType } from '../tensor/dtype.ts';
import type { Outline, OutlineDim, OutlineEntry, OutlineTensor, OutlineValue } from './outline.ts';
import { type ReprNode, readRepr } from './python-repr.ts';
import { splitKey } from './split-key.ts';

/**
 * What a program printed of a state dict, as somebody pastes it: `print(model.state_dict())`, `print({k: v.shape …})`, lines of a key
 * and a shape, Caten's `#<STATE-DICT {…}>`. A dimension that a printout leaves out with `...` may be anything.
 *
 * @throws `bad-input` where no key with a shape or a value can be read.
 */
export function parsePrintout(text: string): Outline {
  const entries = readCaten(text) ?? readDict(text) ?? readLines(text);
  if (entries.length === 0)
    throw new StateglassError({
      kind: 'bad-input',
      detail: 'no keys in this printout: paste print(model.state_dict()), or lines of a key and a shape',
    });
  return { entries, origin: 'printout' };
}

const ARROW = /^[ \t]*(\S+)[ \t]*->[ \t]*(?:\(([^)\n]*)\)|NIL)/gm;

/** `key -> (3 2)`; a dimension may be a symbol. */
function readCaten(text: string): readonly OutlineEntry[] | undefined {
  const found = [...text.matchAll(ARROW)];
  if (found.length === 0) return undefined;
  return found.map(([, key = '', dims = '']) => {
    const shape = dims.split(/\s+/).filter(Boolean).map(readDim);
    return { key, parts: splitKey(key), value: { kind: 'tensor', shape } };
  });
}

const readDim = (word: string): OutlineDim => (/^\d+$/.test(word) ? Number(word) : word);

function readDict(text: string): readonly OutlineEntry[] | undefined {
  const start = /(?:\w+\(\s*\[?\s*[({]|\{)\s*(?=\(?\s*['"\d}])/.exec(text);
  if (!start) return undefined;
  const pairs = pairsOf(readRepr(text.replaceAll(/Parameter containing:\s*/g, ''), start.index));
  return pairs && [...listEntries(pairs, [])];
}

type Pairs = readonly (readonly [ReprNode, ReprNode])[];

/** A dict, a call around one, or one around the pairs of an older OrderedDict. */
function pairsOf(node: ReprNode): Pairs | undefined {
  if (node.is === 'dict') return node.pairs;
  const [only] = node.is === 'call' ? node.items : [];
  if (!only) return undefined;
  if (only.is === 'dict') return only.pairs;
  if (only.is !== 'items') return undefined;
  return only.items.flatMap((item) => {
    const [key, value] = item.is === 'items' ? item.items : [];
    return key && value ? [[key, value] as const] : [];
  });
}

function* listEntries(pairs: Pairs, above: readonly PathPart[]): Generator<OutlineEntry> {
  for (const [key, node] of pairs) {
    const name: PathPart =
      key.is === 'text' ? key.value : key.is === 'word' && /^\d+$/.test(key.word) ? Number(key.word) : '?';
    const inner = node.is === 'dict' && node.pairs.length > 0 ? node.pairs : undefined;
    const parts = [...above, name];
    if (inner) yield* listEntries(inner, parts);
    // A key of its own is as it would be in a file: dotted.
    else
      yield {
        key: parts.join('.'),
        parts: above.length === 0 ? splitKey(String(name)) : parts,
        value: readValue(node),
      };
  }
}

const SHAPED = /^(?:torch\.)?Size$/;
const ARRAY = /^(?:array|Array)$/;

function readValue(node: ReprNode): OutlineValue {
  if (node.is === 'text') return { kind: 'object', type: 'str' };
  if (node.is === 'dict') return { kind: 'object', type: 'dict' };
  if (node.is === 'call') return readCall(node);
  if (node.is === 'word')
    return /^<Uninitialized/.test(node.word) ? { kind: 'tensor' } : { kind: 'object', type: classOfWord(node.word) };
  const shape = readShape(node);
  if (shape) return { kind: 'tensor', shape };
  // A shape and a type side by side.
  const [first, second] = node.items.map((item) => (item.is === 'text' ? undefined : readValue(item)));
  const dtype = node.items.map(dtypeOf).find((found) => found !== undefined);
  const held = [first, second].find((value) => value?.kind === 'tensor');
  if (held && dtype) return { ...held, kind: 'tensor', dtype };
  return { kind: 'object', type: node.open === '[' ? 'list' : 'tuple' };
}

function readCall(call: Extract<ReprNode, { is: 'call' }>): OutlineValue {
  const { name, items, named } = call;
  const [first] = items;
  if (SHAPED.test(name)) {
    const shape = first && readShape(first);
    return { kind: 'tensor', ...(shape && { shape }) };
  }
  const told = named.get('size') ?? named.get('shape');
  const measured = (told && readShape(told)) ?? (first && measure(first));
  if (!measured) return { kind: 'object', type: name };
  // A sparse tensor is printed as those it is made of.
  const body = first ?? named.get('values');
  const dtype = dtypeOf(named.get('dtype')) ?? (body && guessDType(body, ARRAY.test(name)));
  const device = named.get('device');
  const isEmpty = device?.is === 'text' && device.value === 'meta';
  return { kind: 'tensor', shape: measured, ...(dtype && { dtype }), ...(isEmpty && { isEmpty: true }) };
}

function readShape(node: ReprNode): readonly number[] | undefined {
  if (node.is === 'call' && SHAPED.test(node.name)) return node.items[0] && readShape(node.items[0]);
  if (node.is !== 'items') return undefined;
  const dims = node.items.map((item) =>
    item.is === 'word' && /^\d+$/.test(item.word) ? Number(item.word) : undefined,
  );
  return dims.every((dim) => dim !== undefined) ? dims : undefined;
}

/** The shape of nested rows. */
function measure(node: ReprNode): OutlineTensor['shape'] {
  if (node.is !== 'items') return node.is === 'word' ? [] : undefined;
  const isElided = node.items.some((item) => item.is === 'word' && item.word === '...');
  const [first] = node.items;
  const below = first === undefined ? [] : measure(first);
  return below && [isElided ? '?' : node.items.length, ...below];
}

/** A type that is left out is the usual one of its numbers: in torch, float32. */
function guessDType(node: ReprNode, isNumPy: boolean): DType | undefined {
  const words = firstRow(node);
  if (words.length === 0) return isNumPy ? 'f64' : 'f32';
  if (words.some((word) => word.endsWith('j'))) return isNumPy ? 'c128' : 'c64';
  if (words.every((word) => word === 'True' || word === 'False')) return 'bool';
  if (words.every((word) => /^[+-]?\d+$/.test(word))) return 'i64';
  return isNumPy ? 'f64' : 'f32';
}

function firstRow(node: ReprNode): readonly string[] {
  if (node.is === 'word') return [node.word];
  if (node.is === 'call') return node.items[0] ? firstRow(node.items[0]) : [];
  if (node.is !== 'items') return [];
  const [first] = node.items;
  if (first?.is === 'items') return firstRow(first);
  return node.items.flatMap((item) => (item.is === 'word' && item.word !== '...' ? [item.word] : []));
}

const DTYPE = /^(?:torch\.|np\.|numpy\.|jnp\.)?(?:b?float|u?int|complex|bool|bits|qint|quint)[\w]*$/;

function dtypeOf(node: ReprNode | undefined): DType | undefined {
  const text = node?.is === 'word' ? node.word : node?.is === 'text' ? node.value : undefined;
  return text !== undefined && DTYPE.test(text) ? readPythonDType(text) : undefined;
}

function classOfWord(word: string): string {
  if (word === 'None') return 'NoneType';
  if (word === 'True' || word === 'False') return 'bool';
  if (/^[+-]?\d+$/.test(word)) return 'int';
  return Number.isNaN(Number(word)) && !/^[+-]?(?:nan|inf)$/.test(word) ? word : 'float';
}

const LINE =
  /^[ \t]*['"]?([^\s'":=(]+)['"]?[ \t]*[:=|]?[ \t]*(?:torch\.Size\()?[[(]([\d, \t]*)[\])]\)?(?:[ \t,|]+([\w.]+))?/;

/** `key torch.Size([3, 2])`, `key: (3, 2) torch.float32`: lines without a shape are passed over. */
function readLines(text: string): readonly OutlineEntry[] {
  return text.split('\n').flatMap((line): OutlineEntry[] => {
    const [, key, dims = '', type] = LINE.exec(line) ?? [];
    if (key === undefined) return [];
    const shape = dims
      .split(',')
      .filter((dim) => dim.trim() !== '')
      .map(Number);
    const dtype = type !== undefined && DTYPE.test(type) ? readPythonDType(type) : undefined;
    return [{ key, parts: splitKey(key), value: { kind: 'tensor', shape, ...(dtype && { dtype }) } }];
  });
}
