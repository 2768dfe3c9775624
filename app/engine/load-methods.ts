import {
  applyEdit,
  LOAD_STATUSES,
  type LoadOptions,
  type LoadRow,
  type LoadSide,
  type LoadStatus,
  type LoadTable,
  listLoadPolicies,
  loadsWhole,
  proposeLoadEdits,
  readLoadText,
  StateglassError,
  tabulateLoad,
  wordOutcome,
} from '../../src-core/index.ts';
import type { DocumentId, EngineApi } from './api.ts';
import type { FindHeld } from './held.ts';
import type {
  LoadColumn,
  LoadProposal,
  LoadRequest,
  LoadRowsRequest,
  LoadSideRequest,
  LoadVerdict,
} from './load-api.ts';

type LoadMethods = Pick<EngineApi, 'planLoad' | 'surveyLoads' | 'loadRows' | 'describeLoadRows' | 'proposeLoad'>;

/** What loading one state dict into another would do. Reads no tensor. */
export function loadMethods(find: FindHeld, loads: Map<DocumentId, LoadTable>, takeId: () => DocumentId): LoadMethods {
  const sideOf = (side: LoadSideRequest): LoadSide =>
    'document' in side ? find(side.document).document : readLoadText(side.text);
  const tableOf = (id: DocumentId): LoadTable => {
    const table = loads.get(id);
    if (!table) throw new StateglassError({ kind: 'not-found', what: `load ${id}`, detail: 'it was closed' });
    return table;
  };
  const tabulate = ({ target, source, policy, options }: LoadRequest): Promise<LoadTable> =>
    tabulateLoad(sideOf(target), sideOf(source), policy, options);

  return {
    async planLoad(request, { signal } = {}) {
      const table = await tabulate(request);
      // Nobody would close it.
      if (signal?.aborted) throw new StateglassError({ kind: 'cancelled' });
      const id = takeId();
      loads.set(id, table);
      return { id, ...judge(table), words: wordOutcome(table.report), rows: table.count };
    },
    async surveyLoads(request, { signal, onItem } = {}) {
      for (const { id } of listLoadPolicies()) {
        // A question or its end that came meanwhile is heard first.
        await new Promise((resolve) => setTimeout(resolve));
        if (signal?.aborted) return;
        onItem?.(judge(await tabulate({ ...request, policy: id })));
      }
    },
    async loadRows(request) {
      return listRows(tableOf(request.load), request);
    },
    async describeLoadRows(id, rows) {
      const table = tableOf(id);
      return Array.from(rows, (row) => table.describe(row));
    },
    async proposeLoad(request): Promise<LoadProposal> {
      const { target, source, policy, options } = request;
      if (!('document' in source))
        throw new StateglassError({ kind: 'bad-input', detail: 'a pasted text cannot be edited' });
      const into = sideOf(target);
      const proposed = await proposeLoadEdits(into, sideOf(source), policy, options);
      let { document } = find(source.document);
      const edits = proposed.map((edit) => {
        document = applyEdit(document, edit);
        return { ...edit, title: document.log.edits[document.log.cursor - 1]?.title ?? edit.op };
      });
      return { edits, after: judge(await tabulateLoad(into, document, policy, withoutMap(options))) };
    },
  };
}

/** The rules are among the edits by now. */
const withoutMap = ({ map: _, ...options }: LoadOptions): LoadOptions => options;

function judge({ report, count, status }: LoadTable): LoadVerdict {
  const found = LOAD_STATUSES.map(() => 0);
  for (let row = 0; row < count; row++) found[status[row]!]!++;
  return {
    policy: report.policy,
    raises: report.error?.type ?? null,
    isWhole: loadsWhole(report),
    assigned: report.assigned.length,
    changed: report.partial.length,
    warnings: report.warnings.length,
    counts: Object.fromEntries(LOAD_STATUSES.map((name, code) => [name, found[code]!])) as Record<LoadStatus, number>,
  };
}

const WORDS: Readonly<Record<LoadColumn, (row: LoadRow) => string>> = {
  key: ({ key }) => key,
  status: () => '',
  after: () => '',
  expected: ({ expected }) => expected,
  actual: ({ actual }) => actual,
  suggestion: ({ suggestion, from }) => suggestion ?? from ?? '',
};

function listRows(table: LoadTable, { show, text = '', column, descending = false }: LoadRowsRequest) {
  const { count, status, isChanged } = table;
  const code = show === undefined || show === 'changed' ? undefined : LOAD_STATUSES.indexOf(show);
  const wanted = text.trim().toLowerCase();
  const found = new Uint32Array(count);
  let length = 0;
  for (let row = 0; row < count; row++) {
    if (code !== undefined && status[row] !== code) continue;
    if (show === 'changed' && isChanged[row] === 0) continue;
    if (wanted !== '' && !hasText(table.describe(row), wanted)) continue;
    found[length++] = row;
  }
  const rows = found.slice(0, length);
  if (column === undefined) return rows;
  const turn = descending ? -1 : 1;
  if (column === 'status' || column === 'after') {
    const codes = column === 'status' ? status : isChanged;
    return rows.sort((a, b) => turn * (codes[a]! - codes[b]!) || a - b);
  }
  const words = new Map(Array.from(rows, (row) => [row, WORDS[column](table.describe(row))]));
  const wordsOf = (row: number): string => words.get(row) ?? '';
  return rows.sort((a, b) => turn * compareWords(wordsOf(a), wordsOf(b)) || a - b);
}

const hasText = ({ key, from }: LoadRow, wanted: string): boolean =>
  key.toLowerCase().includes(wanted) || from?.toLowerCase().includes(wanted) === true;

const compareWords = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
