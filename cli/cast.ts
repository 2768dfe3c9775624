import {
  DTYPE_ORDER,
  type EditedDocument,
  familyOf,
  findRows,
  isKnownDType,
  type KnownDType,
  keyOfRow,
  parseQuery,
  StateglassError,
} from '../src-core/index.ts';
import { applyEdits, type EditOptions, editFile } from './edit-file.ts';

/** `cast FILE DTYPE [QUERY]`: another element type for what a query finds; for all floating-point tensors without one. */
export async function cast(file: string, type: string, query: string | undefined, options: EditOptions): Promise<void> {
  const dtype = readDType(type);
  await editFile(file, options, (before) => {
    const keys = findTensors(before, query);
    if (keys.length === 0)
      throw new StateglassError({ kind: 'not-found', what: query ?? file, detail: 'no tensor to cast' });
    return { document: applyEdits(before, [{ op: 'cast', args: { keys, dtype } }]) };
  });
}

/** As a filter takes it: `bfloat16` and `half` are names too. */
function readDType(text: string): KnownDType {
  const [term] = parseQuery(`dtype:${text}`).terms;
  const name = term?.test === 'dtype' ? (term.names[0] ?? text) : text;
  if (isKnownDType(name)) return name;
  const detail = `there is no element type ${text}; there are ${DTYPE_ORDER.join(', ')}`;
  throw new StateglassError({ kind: 'bad-input', detail });
}

function findTensors(document: EditedDocument, query: string | undefined): readonly string[] {
  const { entries } = document.state;
  const columns = entries.columns();
  const rows = query === undefined ? Array.from({ length: columns.count }, (_, row) => row) : findRows(document, query);
  return rows
    .filter((row) => {
      const { value } = entries.at(row);
      // What `module.to(dtype)` leaves alone in torch stays: counters, masks, indices.
      return value.type === 'tensor' && (query !== undefined || FLOATS.has(familyOf(value.dtype)));
    })
    .map((row) => keyOfRow(columns, row));
}

const FLOATS: ReadonlySet<string> = new Set(['float', 'half', 'float8']);
