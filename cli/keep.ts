import { chooseRows } from '../src-core/index.ts';
import { applyEdits, type EditOptions, editFile } from './edit-file.ts';

/** `keep FILE QUERY`: an entry, a module, or what a filter finds, and nothing else. */
export const keep = (file: string, query: string, options: EditOptions): Promise<void> =>
  choose('keep', file, query, options);

/** `drop FILE QUERY`: everything but that. */
export const drop = (file: string, query: string, options: EditOptions): Promise<void> =>
  choose('delete', file, query, options);

const choose = (op: 'keep' | 'delete', file: string, query: string, options: EditOptions): Promise<void> =>
  editFile(file, options, (before) => {
    const document = applyEdits(before, [{ op, args: chooseRows(before, query) }]);
    const [was, is] = [before.state.entries.length, document.state.entries.length];
    return {
      document,
      lines: [`${op === 'keep' ? `${is} of ${was} entries stay` : `${was - is} of ${was} entries go`}`],
    };
  });
