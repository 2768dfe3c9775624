import type {
  DetectedTemplate,
  Dialect,
  EntryDescription,
  EntryId,
  EntryRows,
  EntryStats,
  EntryValues,
  ErrorInfo,
  ExportForm,
  FileInfo,
  GraphNodeInfo,
  HubAddress,
  HubRepo,
  JsonNode,
  MetadataPath,
  MetadataPlace,
  MetaItem,
  ModuleTree,
  NodeAttribute,
  PackedDescription,
  PickleReport,
  Problem,
  PromptDescription,
  PromptValues,
  RenderedPrompt,
  RepoContents,
  RowColumn,
  SourceHandle,
  StatsBatch,
  Summary,
  TemplateKind,
  TemplateValue,
  VocabularyFacts,
  VocabularyToken,
} from '../../src-core/index.ts';
import type { CompareApi, Pairs } from './compare-api.ts';
import type { EditApi } from './edit-api.ts';
import type { LoadApi } from './load-api.ts';
import type { RunApi } from './run-api.ts';
import type { SideChoice } from './unedited.ts';

/** The engine's function table: plain data in, plain data out. It runs in a worker in the page and directly in Node for tests. */
export interface EngineApi extends EditApi, CompareApi, LoadApi, RunApi {
  /** Opens everything that was dropped or picked together. One document per model; the rest is named in `failures`. */
  open(request: OpenRequest, call?: CallOptions): Promise<OpenReply>;
  close(document: DocumentId): Promise<void>;
  /** Tells what is read of documents, by whom ever, as it grows. Ends with its signal. */
  watchReads(call?: ItemOptions<ReadTally>): Promise<void>;
  /** Asks a hub for the files of a repo. Nothing is opened. */
  listRepo(request: RepoRequest, call?: CallOptions): Promise<RepoListing>;
  entry(document: DocumentId, entry: EntryId): Promise<EntryDetail>;
  /** What kind of template a text is, and its variables. */
  detectTemplate(text: string, as?: TemplateKind): Promise<DetectedTemplate>;
  /** The text that a template makes, or why it makes none. */
  renderTemplate(request: RenderRequest): Promise<RenderedTemplate>;
  /** What a module of texts has to be given before it can say something to a model. */
  describePrompt(choice: PromptChoice): Promise<PromptDescription>;
  /** The messages that a module of texts sends to a model, or why it sends none. */
  renderPrompt(request: PromptChoice & PromptValues): Promise<RenderedPrompt>;
  metadata(document: DocumentId): Promise<readonly MetaItem[]>;
  /** The same before every edit. */
  metadataAsRead(document: DocumentId): Promise<readonly MetaItem[]>;
  /** Items of a list of metadata, which may lie in the file. */
  metadataItems(document: DocumentId, path: MetadataPath, from: number, count: number): Promise<readonly JsonNode[]>;
  /** The tokenizer in the metadata; null when there is none. */
  vocabulary(document: DocumentId): Promise<VocabularyFacts | null>;
  vocabularyTokens(document: DocumentId, from: number, count: number): Promise<readonly VocabularyToken[]>;
  /** Numbers of tokens in which a text occurs. */
  searchVocabulary(document: DocumentId, text: string, call?: CallOptions): Promise<readonly number[]>;
  /** What is wrong, by its reader and by names and shapes: no tensor is read. */
  health(document: DocumentId): Promise<readonly Problem[]>;
  /** What its values show. Reads all tensors; each problem is an item as soon as it is found. */
  checkValues(document: DocumentId, call?: ItemOptions<Problem>): Promise<readonly Problem[]>;
  pickle(document: DocumentId): Promise<PickleReport | null>;
  /** The nodes of a graph, without their attributes. */
  graphNodes(document: DocumentId): Promise<readonly GraphNodeInfo[]>;
  /** What is set of one of them. */
  nodeAttributes(document: DocumentId, node: number): Promise<readonly NodeAttribute[]>;
  /** Text of a companion file (`config.json`), at most 1 MiB. */
  companion(document: DocumentId, file: string): Promise<string>;
  /** A file name for pasted text, by what the text is: `pasted.json`, `pasted.toml`, `pasted.yaml`, `pasted.txt`. */
  nameText(text: string): Promise<string>;
  /** Entry rows that match, in tree order. A query that cannot be read is a `bad-input` error with `at`. */
  filter(document: DocumentId, query: string, call?: CallOptions): Promise<Uint32Array<ArrayBuffer>>;
  /** `rows` (or all rows) in the order of a column. Stable. */
  sort(request: SortRequest, call?: CallOptions): Promise<Uint32Array<ArrayBuffer>>;
  /** Full keys of rows, for the flat table and for search results. */
  keys(document: DocumentId, rows: Uint32Array<ArrayBuffer>): Promise<readonly string[]>;
  /** Best entries for a few typed letters, over all keys: the command palette. */
  search(
    document: DocumentId,
    text: string,
    limit: number,
  ): Promise<readonly { readonly row: EntryId; readonly key: string }[]>;
  /** Numbers of a part of a tensor, or of the weight that is packed in it; reads only the bytes the part touches. */
  values(request: ValuesRequest, call?: CallOptions): Promise<EntryValues>;
  /** Bytes [start, end) of the storage behind an entry, as stored. */
  storedBytes(request: BytesRequest, call?: CallOptions): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Statistics of tensors, each an item as soon as it is done; large ones as `interim` items while they are read. Those of a packed weight
   * are of the numbers it stands for. Entries that are no tensors are passed over.
   */
  stats(document: DocumentId, rows: Uint32Array<ArrayBuffer>, call?: ItemOptions<EntryStats>): Promise<void>;
  /** Statistics of every row of one tensor, or of everything that shares an index of another axis. */
  rowStats(request: RowsRequest, call?: CallOptions): Promise<EntryRows>;
  /** The same as `stats` in ten numbers a tensor, many to an item; what was computed before is not computed again. */
  scan(document: DocumentId, rows: Uint32Array<ArrayBuffer>, call?: ItemOptions<StatsBatch>): Promise<void>;
  /** Where tensors begin in their files, in bytes; NaN for what does not lie in one as it is. */
  fileOffsets(document: DocumentId, rows: Uint32Array<ArrayBuffer>): Promise<Float64Array<ArrayBuffer>>;
  /** What a file of a choice of tensors would be in each format; reads no tensor. */
  exportForms(choice: ExportChoice): Promise<readonly ExportForm[]>;
  /** The file. Bytes that stay as they are in a dropped file are not read: the Blob is composed of ranges of it. */
  exportFile(choice: ExportChoice, format: string, call?: CallOptions): Promise<Blob>;
}

export interface RenderRequest {
  readonly text: string;
  readonly kind: TemplateKind;
  readonly variables: Readonly<Record<string, TemplateValue>>;
}

export type RenderedTemplate = { readonly text: string } | { readonly error: ErrorInfo };

/** `chat-template`: how a conversation becomes a text. `vocabulary`: the tokens. */
export type MetadataTopic = 'chat-template' | 'vocabulary';

export type DocumentId = number;

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** For calls that tell parts of their answer as they are done. */
export interface ItemOptions<Item> extends CallOptions {
  readonly onItem?: (item: Item) => void;
}

/** Bytes (or entries) done of those expected. */
export interface Progress {
  readonly label: string;
  readonly done: number;
  readonly total: number;
}

export interface PromptChoice extends SideChoice {
  /** Names of a predictor's fields that come out, where a person knows better. */
  readonly outputs?: readonly string[];
}

export interface OpenRequest {
  /** `path` is relative to what was dropped, `/`-separated: `model/config.json`. Unique in the request. */
  readonly files: readonly { readonly path: string; readonly handle: SourceHandle }[];
}

export interface ReadTally {
  readonly document: DocumentId;
  /** Bytes read since it began to be opened: from disk or, as they came, from servers. */
  readonly bytes: number;
}

export interface RepoRequest {
  readonly address: HubAddress;
  /** Sent to the hub of the address alone. */
  readonly token?: string;
}

export interface RepoListing {
  readonly repo: Omit<HubRepo, 'files'>;
  readonly contents: RepoContents;
}

export interface OpenReply {
  readonly documents: readonly OpenedDocument[];
  readonly failures: readonly { readonly file: string; readonly error: ErrorInfo }[];
}

/** The page's window on a document. */
export interface OpenedDocument {
  readonly id: DocumentId;
  /** The primary file's name, or the folder's for a sharded model in one. */
  readonly name: string;
  readonly format: string;
  readonly formatLabel: string;
  readonly formatVersion?: string;
  readonly dialect: Dialect;
  readonly layout: 'flat' | 'nested';
  readonly files: readonly FileInfo[];
  readonly tree: ModuleTree;
  readonly summary: Summary;
  readonly problems: number;
  readonly hasPickle: boolean;
  /** It has nodes that can be listed. */
  readonly hasGraph: boolean;
  readonly metadata: number;
  /** What its metadata hold that has a view of its own. */
  readonly carries?: readonly MetadataTopic[];
  /** Sections of metadata that can be edited, because a save holds them. */
  readonly metadataPlaces: readonly MetadataPlace[];
  /** Bytes read to open it, all files together. */
  readonly bytesRead: number;
  /** A file of it was downloaded whole, because its server gives no ranges. */
  readonly wholeDownload?: boolean;
  /** Values are asked of a server. */
  readonly remote?: boolean;
  /** It is a comparison of two others. */
  readonly pairs?: Pairs;
}

/** All that is known of one entry. */
export interface EntryDetail extends EntryDescription {
  /** What it has to do with a packed weight. */
  readonly packed?: PackedDescription;
}

export type SortColumn = RowColumn;

export interface SortRequest {
  readonly document: DocumentId;
  readonly column: SortColumn;
  readonly descending: boolean;
  /** Only these rows; all when absent. */
  readonly rows?: Uint32Array<ArrayBuffer>;
}

export interface ValuesRequest {
  readonly document: DocumentId;
  readonly entry: EntryId;
  /** As NumPy writes it: `0, :, 2:5`. All of it when absent. */
  readonly slice?: string;
  /** Stored integers of quantised tensors and codes of packed weights, not what they stand for. */
  readonly raw?: boolean;
}

export interface BytesRequest {
  readonly document: DocumentId;
  readonly entry: EntryId;
  readonly start: number;
  readonly end: number;
}

export interface RowsRequest {
  readonly document: DocumentId;
  readonly entry: EntryId;
  /** 0, the rows, when absent. */
  readonly axis?: number;
}

export interface ExportChoice {
  readonly document: DocumentId;
  /** Entries; all when absent. */
  readonly rows?: Uint32Array<ArrayBuffer>;
  /** A part of the one tensor that is chosen. */
  readonly slice?: string;
  /** Narrow floats, and values of quantised tensors, as f32. */
  readonly as?: 'f32';
  /** Quantised tensors as their stored integers. */
  readonly raw?: boolean;
}
