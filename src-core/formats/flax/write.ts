/** Writes what `flax.serialization.msgpack_serialize` writes for the same nested dict, keys in the order of the entries. */
import type { KeyPath, PathPart } from '../../model/keys/key.ts';
import type { Entry, Problem, StateDict } from '../../model/state-dict.ts';
import type { Part, Write } from '../format.ts';
import { takeTensors, wordNoType } from '../take-tensors.ts';
import { nameOf } from './dtypes.ts';
import { encodeInt, encodeMapHeader, encodeText } from './encode.ts';
import { countBytes, encodeValue } from './encode-value.ts';
import { type Branch, Tree } from './nest.ts';

export const write: Write = (state) => {
  const { losses } = takeTensors(state, {
    format: 'Flax',
    refuse: ({ dtype }) => (nameOf(dtype) === undefined ? wordNoType(dtype) : undefined),
    holds: (value) => value.type !== 'opaque' && !(value.type === 'empty' && value.of === 'unknown'),
  });
  const tree = new Tree<Entry>();
  for (let row = 0; row < state.entries.length; row++) {
    const entry = state.entries.at(row);
    if (entry.value.type === 'opaque') continue;
    const parts = partsOf(entry.path);
    tree.add({ key: entry.key, parts: parts.length > 0 ? parts : [entry.key], leaf: entry });
  }
  const parts = () => encodeBranch(tree, tree.root, state);
  return { size: countBytes(parts()), parts, losses: [...losses, ...loseMetadata(state)] };
};

/** Flax counts lists by text; an integer that is a key stays one. */
const partsOf = ({ parts, kinds }: KeyPath): readonly PathPart[] =>
  parts.map((part, i) => (kinds[i] === 'key' ? part : String(part)));

function* encodeBranch(tree: Tree<Entry>, branch: Branch<Entry>, state: StateDict): Generator<Part> {
  yield { kind: 'bytes', bytes: encodeMapHeader(branch.children.size) };
  for (const [part, child] of branch.children) {
    yield { kind: 'bytes', bytes: encodeKey(part) };
    if (tree.isBranch(child)) yield* encodeBranch(tree, child, state);
    else yield* encodeValue(child.key, child.value, state);
  }
}

export const encodeKey = (part: PathPart): Uint8Array<ArrayBuffer> =>
  typeof part === 'number' ? (encodeInt(BigInt(part)) as Uint8Array<ArrayBuffer>) : encodeText(part);

const loseMetadata = ({ metadata }: StateDict): readonly Problem[] =>
  metadata.length === 0
    ? []
    : [
        {
          code: 'metadata-lost',
          severity: 'note',
          message: 'The metadata is left out: the format has no place for it.',
        },
      ];
