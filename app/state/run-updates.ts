import { findNode, type RunTensor, StateglassError } from '../../src-core/index.ts';
import { makeEdit } from './edits.ts';
import { engine, type OpenedDocument } from './engine.ts';
import { entryOf } from './explorer.ts';

function rowOf(document: OpenedDocument, path: string): number {
  const node = findNode(document.tree, path);
  const row = node === undefined ? undefined : entryOf(document, node);
  if (row === undefined) throw new StateglassError({ kind: 'not-found', what: path, detail: 'there is no such entry' });
  return row;
}

/** What an entry holds now, as a run would give it. */
export async function currentValue(document: OpenedDocument, path: string): Promise<RunTensor> {
  const { values, tensorShape } = await engine().values({ document: document.id, entry: rowOf(document, path) });
  return { dtype: 'f32', shape: tensorShape, data: Float32Array.from(values as ArrayLike<number | bigint>, Number) };
}

/** Makes what a run gave the value of an entry: an edit like any other. */
export async function takeUpdate(document: OpenedDocument, path: string, { shape, data }: RunTensor): Promise<void> {
  const [key] = await engine().keys(document.id, Uint32Array.of(rowOf(document, path)));
  if (key === undefined) return;
  let at = 0;
  const nest = (axis: number): unknown =>
    axis === shape.length ? plain(Number(data[at++])) : Array.from({ length: shape[axis]! }, () => nest(axis + 1));
  await makeEdit(document.id, { op: 'set-elements', args: { key, slice: '', values: nest(0) } });
}

/** JSON has no word for what is not finite: the op reads it as a text. */
const plain = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
