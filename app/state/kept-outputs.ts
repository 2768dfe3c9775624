import { create } from 'zustand';
import { type InputSpec, type RunAnswer, type RunTensor, whyUnfit } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import type { OpenedDocument } from './engine.ts';
import { useWorkspace } from './workspace.ts';

/** What an earlier run gave: it may go into another. */
export interface KeptOutput {
  readonly document: DocumentId;
  /** Of the document. */
  readonly name: string;
  /** Of the module that gave it; empty for the whole document. */
  readonly path: string;
  /** Name of the output; empty for what a module inside gave. */
  readonly label: string;
  readonly tensor: RunTensor;
}

/** Enough to go back a few steps; the room they take is the page's. */
const MOST = 24;
const MOST_BYTES = 128 * 2 ** 20;

/** The newest first. */
export const useKeptOutputs = create<{ readonly kept: readonly KeptOutput[] }>(() => ({ kept: [] }));

const isSame = (a: KeptOutput, b: KeptOutput): boolean =>
  a.document === b.document && a.path === b.path && a.label === b.label;

/** Keeps what a run gave, in the place of what the same module gave before. */
export function keepOutputs({ id, name }: OpenedDocument, { path, outputs, taps }: RunAnswer): void {
  const own = { document: id, name };
  const made: readonly KeptOutput[] = [
    // What the run would leave behind is no output.
    ...outputs.flatMap(({ label, tensor, updates }) =>
      updates === undefined ? [{ ...own, path, label, tensor }] : [],
    ),
    ...Object.entries(taps).map(([below, tensor]) => ({ ...own, path: join(path, below), label: '', tensor })),
  ];
  useKeptOutputs.setState(({ kept }) => {
    const others = kept.filter((one) => !made.some((other) => isSame(one, other)));
    return { kept: withinRoom([...made, ...others]) };
  });
}

const join = (path: string, below: string): string => (path === '' ? below : `${path}.${below}`);

function withinRoom(outputs: readonly KeptOutput[]): readonly KeptOutput[] {
  let room = MOST_BYTES;
  return outputs.slice(0, MOST).filter(({ tensor }) => {
    room -= tensor.data.byteLength;
    return room >= 0;
  });
}

export interface OfferedOutput {
  readonly output: KeptOutput;
  /** Why it cannot be given. */
  readonly why: string | undefined;
}

/** What was kept, as it may go into an input: what fits comes first. */
export function offerOutputs(kept: readonly KeptOutput[], input: InputSpec): readonly OfferedOutput[] {
  const offered = kept.map((output) => ({ output, why: whyUnfit(input, output.tensor) }));
  return [...offered.filter(({ why }) => why === undefined), ...offered.filter(({ why }) => why !== undefined)];
}

// What a closed document gave has no name any more.
useWorkspace.subscribe(({ documents }) => {
  const { kept } = useKeptOutputs.getState();
  const open = kept.filter(({ document }) => documents.some(({ id }) => id === document));
  if (open.length < kept.length) useKeptOutputs.setState({ kept: open });
});
