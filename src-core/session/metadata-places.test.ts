import { describe, expect, test } from 'vitest';
import { FIXTURES, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument } from './edits.ts';
import { listMetadataPlaces } from './formats.ts';
import { isSavable } from './save.ts';

const itemsOf = ({ state }: EditedDocument, section: string) =>
  Object.fromEntries(state.metadata.filter((item) => item.section === section).map(({ key, value }) => [key, value]));

describe.each(FIXTURES)('$path', ({ fixture }) => {
  test('what is said to have a place is saved there: added, changed and taken out', async () => {
    const document = await openFixture(fixture);
    if (!(await isSavable(document))) return expect(listMetadataPlaces(document.state)).toEqual([]);
    // A file that was cut off cannot be written again, whatever is edited.
    if (document.state.problems.some(({ code }) => code === 'truncated')) return;
    for (const { section, holds, under = '' } of listMetadataPlaces(document.state)) {
      const key = `${under}added`;
      const value = (text: string) => (holds === 'json' ? { json: JSON.stringify({ version: 7, text }) } : { text });
      const added = applyEdit(document, { op: 'set-metadata', args: { section, key, ...value('“new”') } });
      const again = await reopen(await saveAll(added));
      expect(itemsOf(again, section)).toEqual(itemsOf(added, section));
      const changed = applyEdit(again, { op: 'set-metadata', args: { section, key, ...value('other') } });
      const third = await reopen(await saveAll(changed));
      expect(itemsOf(third, section)).toEqual(itemsOf(changed, section));
      const gone = applyEdit(third, { op: 'set-metadata', args: { section, key } });
      expect(itemsOf(await reopen(await saveAll(gone)), section)).toEqual(itemsOf(document, section));
    }
  });

  test('what has no place is refused when it is saved', async () => {
    const document = await openFixture(fixture);
    if (!(await isSavable(document))) return;
    const places = listMetadataPlaces(document.state).map(({ section }) => section);
    const closed = document.state.metadata.find(({ section }) => !places.includes(section));
    const { section, key } = closed ?? { section: 'elsewhere', key: 'note' };
    const edited = applyEdit(document, { op: 'set-metadata', args: { section, key, text: 'something else' } });
    await expect(saveAll(edited)).rejects.toMatchObject({ info: { kind: 'unsupported' } });
  });
});
