/** Reads one input as its format would, looks at all of the document and at some of its values. */
import { StateglassError } from '../../src-core/base/errors.ts';
import { readFixture } from '../../src-core/formats/fixture-files.fixture.ts';
import { walkState } from '../../src-core/formats/walk-state.fixture.ts';
import type { StateDict } from '../../src-core/model/state-dict.ts';
import { buildTree } from '../../src-core/model/tree.ts';
import type { Document } from '../../src-core/session/document.ts';
import { readStoredBytes, readValues } from '../../src-core/session/values.ts';
import type { Input } from './inputs.ts';

export type Answer = 'opened' | 'declined' | 'refused';

/** Entries of which values are read. */
const TRIED = 6;
const BYTES = 64;

/** @throws what is wrong: an error of no type, a document that does not hold together. */
export async function judge({ format, fixture, bytes }: Input): Promise<Answer> {
  let answer: Answer = 'refused';
  await allowTyped(async () => {
    const { result, files } = await readFixture(format, fixture, { bytes });
    if ('decline' in result) {
      answer = 'declined';
      return;
    }
    answer = 'opened';
    const { state } = result;
    walkState(state, files);
    buildTree(state.entries.columns());
    await readSome({ name: fixture.name, state, files, bytesRead: 0 });
  });
  return answer;
}

async function readSome(document: Document): Promise<void> {
  const { state } = document;
  for (const row of chooseRows(state)) {
    const { value } = state.entries.at(row);
    if (value.type === 'tensor') {
      const slice = value.shape.map((dim) => (dim > 4 ? '-4:' : ':')).join();
      await allowTyped(() => readValues(document, row, slice));
    }
    if (value.type === 'tensor' || value.type === 'bytes') {
      const storage = value.storage === undefined ? undefined : state.storages.get(value.storage);
      await allowTyped(() => readStoredBytes(document, row, 0, Math.min(BYTES, storage?.byteLength ?? 0)));
    }
  }
}

/** Some of the first, and the last. */
function chooseRows({ entries: { length } }: StateDict): readonly number[] {
  const rows = Array.from({ length: Math.min(length, TRIED - 1) }, (_, row) => row);
  return length > rows.length ? [...rows, length - 1] : rows;
}

async function allowTyped(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof StateglassError) || error.info.kind === 'internal') throw error;
  }
}
