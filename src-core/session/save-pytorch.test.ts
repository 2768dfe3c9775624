import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { crc32 } from '../bytes/crc32.ts';
import { openZip } from '../bytes/zip.ts';
import { changeState, nextStorage } from '../model/change-state.ts';
import type { Entry, StateDict, TensorValue } from '../model/state-dict.ts';
import { describeState, FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import type { EditedDocument } from './edits.ts';
import { readStoredBytes } from './values.ts';

const ROOT = `${import.meta.dirname}/../fixtures/`;
const PYTORCH = FIXTURES.filter(({ format }) => format === 'pytorch');
const contentOf = (path: string, id: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(`${ROOT}${path.slice(0, path.lastIndexOf('/') + 1)}${id}`));

/** Content by name; the names whose check sum is another, too. Undefined for what is no zip archive. */
async function membersOf(bytes: Uint8Array<ArrayBuffer>) {
  if (bytes[0] !== 0x50) return undefined;
  const zip = await openZip(bufferSource(bytes, 'a.pt'));
  const starts = await zip.locate(zip.members);
  const view = new DataView(bytes.buffer);
  const members = new Map<string, string>();
  const wrong: string[] = [];
  for (const [i, member] of zip.members.entries()) {
    const content = await zip.read(member);
    members.set(member.name, Buffer.from(content).toString('base64'));
    const sums = [member.crc];
    if (member.streamed && member.size > 0) sums.push(view.getUint32(starts[i]! + member.packed + 4, true));
    else if (!member.streamed) sums.push(view.getUint32(member.local + 14, true));
    if (sums.some((sum) => sum !== crc32(content))) wrong.push(member.name);
  }
  return { members, wrong };
}

/** A tensor whose storage stands in a file as it is. */
function findStored({ entries, storages }: StateDict): (Entry & { readonly value: TensorValue }) | undefined {
  for (let row = 0; row < entries.length; row++) {
    const { value } = entries.at(row);
    const storage = value.type === 'tensor' ? storages.get(value.storage ?? -1) : undefined;
    if (storage?.data.kind !== 'slices' || storage.byteLength === 0 || storage.endian === 'big') continue;
    if (!storage.data.slices[0]?.codec) return entries.at(row) as Entry & { readonly value: TensorValue };
  }
  return undefined;
}

/** Gives all entries of a storage another one of the same length. */
function overwrite(document: EditedDocument, storage: number, bytes: Uint8Array<ArrayBuffer>): EditedDocument {
  const { state } = document;
  const replace = new Map(
    listAll(state).flatMap((entry) =>
      entry.value.type === 'tensor' && entry.value.storage === storage
        ? [[entry.id, { ...entry, value: { ...entry.value, storage: nextStorage(state) } }] as const]
        : [],
    ),
  );
  const added = { byteLength: bytes.length, endian: 'little' as const, data: { kind: 'inline' as const, bytes } };
  return { ...document, state: changeState(state, { replace, storages: [added] }) };
}

describe.each(PYTORCH)('$path', ({ fixture }) => {
  it('has new values in the place of the old ones, and is the same otherwise', async () => {
    const document = await openFixture(fixture);
    const entry = findStored(document.state);
    if (!entry) return;
    const { byteLength } = document.state.storages.get(entry.value.storage!)!;
    const bytes = Uint8Array.from({ length: byteLength }, (__, i) => (i * 7 + 1) & 1);
    const saved = await saveAll(overwrite(document, entry.value.storage!, bytes));
    let different = 0;
    for (const [id, after] of saved) {
      const before = contentOf(fixture.path, id);
      expect(after.length).toBe(before.length);
      const [was, is] = [await membersOf(before), await membersOf(after)];
      if (!was || !is) continue;
      expect([...is.members.keys()]).toEqual([...was.members.keys()]);
      const changed = [...is.members].filter(([name, content]) => was.members.get(name) !== content);
      different += changed.length;
      const names = new Set(changed.map(([name]) => name));
      expect(is.wrong).toEqual(was.wrong.filter((name) => !names.has(name)));
    }
    if (contentOf(fixture.path, fixture.name)[0] === 0x50) expect(different).toBe(1);
    const again = await reopen(saved);
    expect(describeState(again.state)).toBe(describeState(document.state));
    expect(await readStoredBytes(again, entry.id, 0, byteLength)).toEqual(bytes);
  });
});
