import type { Edit, LoadOptions, LoadRow, LoadStatus, PolicyId } from '../../src-core/index.ts';
import type { CallOptions, DocumentId, ItemOptions } from './api.ts';

/** Says what loading one state dict into another would do. */
export interface LoadApi {
  /** What a system would do with a load. Its rows are asked for by the id, which is closed as a document is. */
  planLoad(request: LoadRequest, call?: CallOptions): Promise<PlannedLoad>;
  /** What every policy would do, each an item as soon as it is known. */
  surveyLoads(request: Omit<LoadRequest, 'policy'>, call?: ItemOptions<LoadVerdict>): Promise<void>;
  /** Rows of a planned load that match, in the order of a column. */
  loadRows(request: LoadRowsRequest): Promise<Uint32Array<ArrayBuffer>>;
  /** What rows of a planned load say. */
  describeLoadRows(load: DocumentId, rows: Uint32Array<ArrayBuffer>): Promise<readonly LoadRow[]>;
  /** Edits of the source that would let it load, and what it would do with them; nothing is changed. */
  proposeLoad(request: LoadRequest): Promise<LoadProposal>;
}

/** An open document, or a text that declares or prints a state dict. */
export type LoadSideRequest = { readonly document: DocumentId } | { readonly text: string };

export interface LoadRequest {
  readonly target: LoadSideRequest;
  readonly source: LoadSideRequest;
  readonly policy: PolicyId;
  readonly options: LoadOptions;
}

/** What a load comes to, counted. */
export interface LoadVerdict {
  readonly policy: PolicyId;
  /** Class of what is raised. */
  readonly raises: string | null;
  /** It loads, and nothing is left on either side. */
  readonly isWhole: boolean;
  /** Entries of the target that something is loaded into. */
  readonly assigned: number;
  /** Entries that have changed when it raises. */
  readonly changed: number;
  readonly warnings: number;
  /** Rows by what became of them. */
  readonly counts: Readonly<Record<LoadStatus, number>>;
}

export interface PlannedLoad extends LoadVerdict {
  readonly id: DocumentId;
  /** What the system would say: the error, or the warnings and what the call returns. */
  readonly words: string;
  readonly rows: number;
}

export type LoadColumn = 'key' | 'status' | 'after' | 'expected' | 'actual' | 'suggestion';

export interface LoadRowsRequest {
  readonly load: DocumentId;
  /** Rows of this kind alone; `changed` are those that have changed when it raises. */
  readonly show?: LoadStatus | 'changed';
  /** Rows with this in a key. */
  readonly text?: string;
  readonly column?: LoadColumn;
  readonly descending?: boolean;
}

export interface LoadProposal {
  /** In the order they are to be made. */
  readonly edits: readonly (Edit & { readonly title: string })[];
  readonly after: LoadVerdict;
}
