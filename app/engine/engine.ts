import {
  buildTree,
  countPacked,
  type Document,
  describeEntry,
  describePacked,
  type EditedDocument,
  type FileId,
  formatLabelOf,
  hasGraph,
  hasSameOutline,
  isRemote,
  type LoadTable,
  listGraphNodes,
  listMetadataPlaces,
  localPool,
  ModuleRuns,
  movedRows,
  nameText,
  openDataFiles,
  openFiles,
  openHandle,
  type Pool,
  type Runner,
  readNodeAttributes,
  refreshTree,
  StateglassError,
  StatsTable,
  startEditing,
  summarise,
  summarisePacked,
  toErrorInfo,
} from '../../src-core/index.ts';
import type { DocumentId, EngineApi, OpenedDocument } from './api.ts';
import { comparisonMethods } from './comparison-methods.ts';
import { editMethods } from './edit-methods.ts';
import { exportMethods } from './export-methods.ts';
import { healthMethods } from './health-methods.ts';
import type { FindComparison, FindHeld, FindRows, Held, HeldComparison, HeldRows, ReplaceHeld } from './held.ts';
import { loadMethods } from './load-methods.ts';
import { mergeMethods } from './merge-methods.ts';
import { metadataMethods, topicsOf } from './metadata-methods.ts';
import { meterPool } from './metered-pool.ts';
import { pairMethods } from './pair-methods.ts';
import { promptMethods } from './prompt-methods.ts';
import { readsMethods } from './reads.ts';
import { repoMethods } from './repo-methods.ts';
import { reportMethods } from './report-methods.ts';
import { rowMethods } from './row-methods.ts';
import { runMethods } from './run-methods.ts';
import { statisticsMethods } from './statistics-methods.ts';
import { templateMethods } from './template-methods.ts';
import { tensorEditMethods } from './tensor-edit-methods.ts';
import { threeWayMethods } from './three-way-methods.ts';
import type { GrowTree } from './unedited.ts';
import { valueMethods } from './value-methods.ts';

/** Companion files are small texts; more than this is not shown. */
const COMPANION_BYTES = 2 ** 20;

export interface EnginePorts {
  /** Computes over bytes; one task after the other, here, when absent. */
  readonly pool?: Pool;
  /** Computes graphs; modules cannot be run when absent. */
  readonly runner?: Runner;
}

/** The engine: owns documents, answers with plain data. One per worker. */
export function createEngine({ pool = localPool(openHandle), runner }: EnginePorts = {}): EngineApi {
  const held = new Map<DocumentId, Held>();
  const comparisons = new Map<DocumentId, HeldComparison>();
  const loads = new Map<DocumentId, LoadTable>();
  const runs = runner && new ModuleRuns(runner);
  let nextId: DocumentId = 1;

  const find: FindHeld = (id) => {
    const found = held.get(id);
    if (!found) throw new StateglassError({ kind: 'not-found', what: `document ${id}`, detail: 'it was closed' });
    return found;
  };
  const findRows: FindRows = (id) => comparisons.get(id) ?? find(id);
  const findComparison: FindComparison = (id) => {
    const found = comparisons.get(id);
    if (!found) throw new StateglassError({ kind: 'not-found', what: `comparison ${id}`, detail: 'it was ended' });
    return found;
  };

  /** Makes the columns and the tree of a document's state, and what the page sees of them. */
  const keep = (
    id: DocumentId,
    document: EditedDocument,
    known: Omit<Held, 'document' | 'columns' | 'tree'>,
    before?: HeldRows,
  ) => {
    const { state } = document;
    const columns = countPacked(state, state.entries.columns());
    const tree =
      before && hasSameOutline(before.columns, columns)
        ? refreshTree(before.tree, columns)
        : growTree(document, columns);
    const kept: Held = { ...known, document, columns, tree };
    held.set(id, kept);
    return present(id, kept);
  };

  const hold = (document: Document, downloaded: ReadonlySet<FileId>): OpenedDocument =>
    keep(nextId++, startEditing(document), {
      statistics: new StatsTable(),
      pool: meterPool(pool),
      wholeDownload: document.state.files.some((file) => downloaded.has(file.id)),
    });

  const replace: ReplaceHeld = (id, document) => {
    const before = find(id);
    const keepsNumbers = !movedRows(before.document.state, document.state) && isSameNumbers(before.document, document);
    return keep(id, document, { ...before, ...(!keepsNumbers && { statistics: new StatsTable() }) }, before);
  };

  return {
    async open(request, call = {}) {
      const files = await Promise.all(
        request.files.map(async ({ path, handle }) => ({
          id: path as FileId,
          source: await openHandle(handle, {
            ...(call.signal && { signal: call.signal }),
            onProgress: (done, total) => call.onProgress?.({ label: `Downloading ${handle.name}`, done, total }),
          }),
        })),
      );
      // A person who gives an address of a model means what it names beside it, too.
      const [only] = files;
      if (only && files.length === 1) files.push(...(await openDataFiles(only, call.signal)));
      const opened = await openFiles(files, {
        ...(call.signal && { signal: call.signal }),
        onProgress: (label, done, total) => call.onProgress?.({ label, done, total }),
      });
      // Who cancelled is told so at once and waits for nothing: a document held now would have no owner.
      if (call.signal?.aborted) throw new StateglassError({ kind: 'cancelled' });
      const downloaded = new Set(files.flatMap(({ id, source }) => (source.wholeDownload ? [id] : [])));
      const documents: OpenedDocument[] = [];
      const failures = [...opened.failures];
      for (const document of opened.documents) {
        try {
          documents.push(hold(document, downloaded));
        } catch (error) {
          // A tree past its limit: the other documents open all the same.
          failures.push({ file: document.name, error: toErrorInfo(error) });
        }
      }
      return { documents, failures };
    },
    async close(id) {
      // What cannot be given up is gone already.
      if (held.delete(id)) void runs?.empty().catch(() => undefined);
      comparisons.delete(id);
      loads.delete(id);
    },
    async entry(id, entry) {
      const { document } = find(id);
      const packed = await describePacked(document, entry);
      return { ...describeEntry(document, entry), ...(packed && { packed }) };
    },
    async pickle(id) {
      return find(id).document.state.pickle ?? null;
    },
    async graphNodes(id) {
      return listGraphNodes(find(id).document);
    },
    async nodeAttributes(id, node) {
      return readNodeAttributes(find(id).document, node);
    },
    async companion(id, file) {
      const source = find(id).document.files.get(file);
      if (!source)
        throw new StateglassError({ kind: 'not-found', what: file, detail: 'it is not part of this document' });
      return new TextDecoder().decode(await source.read(0, Math.min(source.size, COMPANION_BYTES)));
    },
    async nameText(text) {
      return nameText(text);
    },
    ...rowMethods(findRows),
    ...repoMethods,
    ...valueMethods(find),
    ...statisticsMethods(find),
    ...healthMethods(find),
    ...exportMethods(find),
    ...editMethods(find, replace),
    ...tensorEditMethods(find, held),
    ...metadataMethods(find),
    ...templateMethods(find),
    ...promptMethods(find, growTree),
    ...comparisonMethods({
      find,
      findComparison,
      open: (document) => hold(document, new Set()),
      keep(comparison) {
        const id = nextId++;
        comparisons.set(id, comparison);
        return id;
      },
    }),
    ...pairMethods(find, findComparison),
    ...threeWayMethods(find, findComparison),
    ...mergeMethods(find, findComparison, replace),
    ...reportMethods(find, findComparison),
    ...loadMethods(find, loads, () => nextId++),
    ...readsMethods(held),
    ...runMethods(find, replace, growTree, runs),
  };
}

// safetensors sorts its tensors by dtype and name, so its order says nothing; elsewhere the order is the modules' own.
const growTree: GrowTree = ({ name, state }, columns) =>
  buildTree(columns, { order: state.format === 'safetensors' ? 'natural' : 'source', name });

function present(id: DocumentId, { document, columns, tree, wholeDownload }: Held): OpenedDocument {
  const { state } = document;
  const packed = summarisePacked(state, columns);
  const topics = topicsOf(state.metadata);
  return {
    id,
    name: document.name,
    format: state.format,
    formatLabel: formatLabelOf(state.format),
    ...(state.formatVersion !== undefined && { formatVersion: state.formatVersion }),
    dialect: state.dialect,
    layout: state.layout,
    files: state.files,
    tree,
    summary: { ...summarise(columns, tree), ...(packed.length > 0 && { packed }) },
    problems: state.problems.length,
    hasPickle: state.pickle !== undefined,
    hasGraph: hasGraph(document),
    metadata: state.metadata.length,
    ...(topics.length > 0 && { carries: topics }),
    metadataPlaces: listMetadataPlaces(state),
    bytesRead: document.bytesRead,
    ...([...document.files.values()].some((file) => isRemote(file.handle)) && { remote: true }),
    ...(wholeDownload && { wholeDownload: true }),
  };
}

/** Texts may differ: no tensor looks at other bytes than before. */
function isSameNumbers({ state: before }: EditedDocument, { state: after }: EditedDocument): boolean {
  if (before.storages !== after.storages) return false;
  const [was, is] = [before.entries.columns(), after.entries.columns()];
  return (
    is.dtype.every((code, row) => code === was.dtype[row]) && is.shape.every((code, row) => code === was.shape[row])
  );
}
