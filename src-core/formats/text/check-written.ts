import { StateglassError } from '../../base/errors.ts';
import type { Entry, MetaItem, StateDict } from '../../model/state-dict.ts';
import type { ReadResult, SaveContext } from '../format.ts';
import { isSameItem, isSameNode, nodeOf } from './json-node.ts';
import type { TextKind } from './save-text.ts';

/** Throws `unsupported` for the first entry that the written text does not give back. */
export function checkWritten(result: ReadResult, { before, after }: SaveContext, kind: TextKind): void {
  const written = 'decline' in result ? undefined : result.state;
  // Keys that are nested or written whole now make it another system's file, or nobody's.
  const isSameKind =
    written?.layout === after.layout && (after.layout !== before.layout || written.dialect === before.dialect);
  const file = before.files[0]!.id;
  const fail = (problem: string) => {
    const why = isSameKind ? '' : `, because it is no longer known as a ${describeKind(after)} file`;
    return new StateglassError({ kind: 'unsupported', file, format: kind.label, detail: `${problem}${why}` });
  };
  if (!written) throw fail('the edited text would not be read again');
  const found = groupByKey(written);
  for (let row = 0; row < after.entries.length; row++) {
    const entry = after.entries.at(row);
    const again = found.get(entry.key)?.shift();
    if (!again) throw fail(`"${entry.key}" cannot be written: the file would be read without it there`);
    const isSamePath = again.path.parts.map(String).join('\0') === entry.path.parts.map(String).join('\0');
    // Keys that are written whole (flat files, DSPy's predictors) say where it is; how they are cut into parts is a guess.
    const isByParts = isSameKind && after.layout === 'nested' && before.dialect !== 'dspy';
    const isMisplaced = isByParts && !isSamePath;
    if (isMisplaced || !isSameValue(entry, again, kind))
      throw fail(`"${entry.key}" cannot be written: the file would be read with another value there`);
  }
  for (const [key, [extra]] of found)
    if (extra) throw fail(`"${key}" cannot be left out: the file would still be read with it`);
  const wanted = declared(after);
  const got = declared(written);
  const likeness = { numbers: 'value', ordered: kind.ordered } as const;
  const at = wanted.findIndex((item, i) => !got[i] || !isSameItem(item, got[i], likeness));
  if (at >= 0 || got.length > wanted.length)
    throw fail(`the metadata "${(wanted[at] ?? got[wanted.length])?.key}" cannot be written in this file`);
}

const describeKind = ({ dialect, layout }: StateDict): string => (dialect === 'generic' ? layout : dialect);

/** Entries of a key in their order; a file may have it twice. */
function groupByKey({ entries }: StateDict): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (let row = 0; row < entries.length; row++) {
    const entry = entries.at(row);
    const group = groups.get(entry.key);
    if (group) group.push(entry);
    else groups.set(entry.key, [entry]);
  }
  return groups;
}

function isSameValue(wanted: Entry, got: Entry, { ordered }: TextKind): boolean {
  const [a, b] = [nodeOf(wanted.value), nodeOf(got.value)];
  return a !== undefined && b !== undefined && isSameNode(a, b, { numbers: 'value', ordered });
}

/** What the file says beside its entries. */
export const declared = ({ metadata }: StateDict): MetaItem[] => metadata.filter((item) => !isDerived(item));

/** Comments and the layout follow from the text. */
export const isDerived = ({ section }: MetaItem): boolean => section === 'file' || section === 'comments';
