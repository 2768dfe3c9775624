import type {
  DeltaBatch,
  DetectedTemplate,
  Dialect,
  DType,
  Edit,
  EditLog,
  EditPreview,
  Entry,
  EntryDescription,
  EntryId,
  EntryRows,
  EntryStats,
  EntryValues,
  ErrorInfo,
  ExportForm,
  FileInfo,
  HubAddress,
  HubRepo,
  LoadOptions,
  LoadRow,
  LoadStatus,
  LoraBake,
  LoraLeft,
  LoraOptions,
  MergeOptions,
  MergePlan,
  MetadataPlace,
  MetaItem,
  ModuleTree,
  PairComparison,
  Pairing,
  PairOptions,
  PickleReport,
  PolicyId,
  Problem,
  Proposal,
  RenameRule,
  RepoContents,
  RowColumn,
  SourceHandle,
  StatsBatch,
  Summary,
  TakePreview,
  TemplateKind,
  TemplateValue,
  ThreeWay,
} from '../../src-core/index.ts';

/** The engine's function table: plain data in, plain data out. It runs in a worker in the page and directly in Node for tests. */
export interface EngineApi {
  /** Opens everything that was dropped or picked together. One document per model; the rest is named in `failures`. */
  open(request: OpenRequest, call?: CallOptions): Promise<OpenReply>;
  close(document: DocumentId): Promise<void>;
  /** Tells what is read of documents, by whom ever, as it grows. Ends with its signal. */
  watchReads(call?: ItemOptions<ReadTally>): Promise<void>;
  /** Asks a hub for the files of a repo. Nothing is opened. */
  listRepo(request: RepoRequest, call?: CallOptions): Promise<RepoListing>;
  entry(document: DocumentId, entry: EntryId): Promise<EntryDetail>;
  /** The entry as it was read, before every edit; null for what was added. */
  entryAsRead(document: DocumentId, entry: EntryId): Promise<Entry | null>;
  /** What kind of template a text is, and its variables. */
  detectTemplate(text: string, as?: TemplateKind): Promise<DetectedTemplate>;
  /** The text that a template makes, or why it makes none. */
  renderTemplate(request: RenderRequest): Promise<RenderedTemplate>;
  metadata(document: DocumentId): Promise<readonly MetaItem[]>;
  /** What is wrong, by its reader and by names and shapes: no tensor is read. */
  health(document: DocumentId): Promise<readonly Problem[]>;
  /** What its values show. Reads all tensors; each problem is an item as soon as it is found. */
  checkValues(document: DocumentId, call?: ItemOptions<Problem>): Promise<readonly Problem[]>;
  pickle(document: DocumentId): Promise<PickleReport | null>;
  /** Text of a companion file (`config.json`), at most 1 MiB. */
  companion(document: DocumentId, file: string): Promise<string>;
  /** A file name for pasted text, by what the text is: `pasted.json`, `pasted.toml`, `pasted.txt`. */
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
  /** Numbers of a part of a tensor; reads only the bytes the part touches. */
  values(request: ValuesRequest, call?: CallOptions): Promise<EntryValues>;
  /** Bytes [start, end) of the storage behind an entry, as stored. */
  storedBytes(request: BytesRequest, call?: CallOptions): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Statistics of tensors, each an item as soon as it is done; large ones as `interim` items while they are read. Entries that
   * are no tensors are passed over.
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
  /**
   * Makes an edit. `amend`: an edit of the same entry by the same op just before becomes this one. `donors`: open documents that it
   * takes values from, as they are now, by the names that its args have for them; they may be closed afterwards.
   */
  edit(
    document: DocumentId,
    edit: Edit,
    amend?: boolean,
    donors?: Readonly<Record<string, DocumentId>>,
  ): Promise<EditReply>;
  /** Undoes or redoes up to where so many edits hold. */
  moveEditCursor(document: DocumentId, cursor: number): Promise<EditReply>;
  /** Takes one edit out; those after it are made again. */
  revertEdit(document: DocumentId, index: number): Promise<EditReply>;
  /** The entry that an edit names, before and after it. */
  reviewEdit(document: DocumentId, index: number): Promise<EditReview>;
  /** What an edit of tensors would come to; nothing is changed. */
  previewEdit(document: DocumentId, edit: Edit): Promise<EditPreview>;
  /** What taking entries of other open documents would come to; nothing is changed. `donors` as for `edit`. */
  previewTake(document: DocumentId, edit: Edit, donors: Readonly<Record<string, DocumentId>>): Promise<TakePreview>;
  /** What a cast would make other numbers of: counts are exact. Reads every element of these tensors. */
  inspectCast(document: DocumentId, keys: readonly string[], dtype: DType, call?: CallOptions): Promise<CastAnswer>;
  /** What low-rank updates of an open document, or with null of the document itself, would do to its weights. Reads nothing. */
  planLora(document: DocumentId, donor: DocumentId | null, options: LoraOptions): Promise<LoraAnswer>;
  /** Open documents, itself among them, that have updates of weights of this one, and of how many. */
  listLoras(document: DocumentId): Promise<readonly { readonly document: DocumentId; readonly count: number }[]>;
  /** What rules would rename; nothing is changed. */
  previewRenames(document: DocumentId, rules: readonly RenameRule[]): Promise<RenamePreview>;
  /** Acts of the systems and of everyday surgery that would change something. */
  proposals(document: DocumentId): Promise<readonly Proposal[]>;
  /** The edits that hold, as the text of a recipe file. */
  recipe(document: DocumentId): Promise<string>;
  /** What saving would write. Reads no tensor. */
  saveForecast(document: DocumentId, call?: CallOptions): Promise<SaveForecast>;
  /** The document's files with its edits, opened again and compared. Bytes of dropped files that stay are not read. */
  saveFiles(document: DocumentId, call?: CallOptions): Promise<readonly SavedBlob[]>;
  /** The document as it was read, as a document of its own. */
  openSaved(document: DocumentId): Promise<OpenedDocument>;
  /** Both documents as one tree of pairs; reads no tensor. It is filtered, sorted and closed by its own id. */
  compare(request: CompareRequest, call?: CallOptions): Promise<ComparedDocument>;
  /** What pairing by rules and pins would come to; nothing is changed, and no tensor is read. */
  previewPairs(request: CompareRequest, call?: CallOptions): Promise<PairsPreview>;
  /** Sets all values of a pair of tensors against each other. */
  pairValues(request: PairRequest, call?: CallOptions): Promise<PairValues>;
  /** The same for many pairs in a few numbers each, many to an item; what was compared before is not compared again. */
  scanPairs(comparison: DocumentId, pairs: Uint32Array<ArrayBuffer>, call?: ItemOptions<PairBatch>): Promise<void>;
  /** What A and B made of a base, entry by entry, all values compared; without a base what of them differs. */
  threeWay(sides: MergeSidesRequest, call?: CallOptions): Promise<ThreeWay>;
  /** What would make A the merge, and what nobody has decided yet; `three` is what `threeWay` told of the same sides. Reads nothing. */
  planMerge(request: MergeRequest): Promise<MergePlan>;
  /** Makes the edits of the plan on A. Rejects with `bad-input` while there are conflicts; nothing has changed then. */
  merge(request: MergeRequest): Promise<EditReply>;
  /** What is known of a comparison by now, for people or programs. */
  comparisonReport(comparison: DocumentId, form: ReportForm): Promise<string>;
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

/** Words of what is lost: of all together, and of those that lose anything. */
export interface CastAnswer {
  readonly words: string;
  readonly entries: readonly { readonly key: string; readonly words: string }[];
  /** Others that lose something too. */
  readonly more: number;
}

export interface LoraAnswer {
  /** `key` is the weight's; `alpha` the key of one that is in the file, whose value is not in `scale`. */
  readonly bakes: readonly Pick<LoraBake, 'key' | 'down' | 'rank' | 'scale' | 'alpha'>[];
  readonly left: readonly LoraLeft[];
}

export interface CompareRequest extends PairOptions {
  readonly a: DocumentId;
  readonly b: DocumentId;
}

/** Two documents as one: its rows are pairs. What both have is shown as A has it. */
export interface ComparedDocument extends OpenedDocument {
  readonly pairs: Pairs;
}

export interface PairsPreview {
  /** Pairs that rules found, and the first of them. */
  readonly byRule: number;
  readonly found: readonly { readonly keyA: string; readonly keyB: string }[];
  readonly onlyA: number;
  readonly onlyB: number;
}

/** The pairs of a comparison as columns, by its entry rows. */
export interface Pairs extends Pairing {
  readonly a: DocumentId;
  readonly b: DocumentId;
  /** Pair of each entry row of either document. */
  readonly pairOfA: Uint32Array<ArrayBuffer>;
  readonly pairOfB: Uint32Array<ArrayBuffer>;
  /** Place in VERDICTS: what is known without a look at values of tensors. */
  readonly verdict: Uint8Array<ArrayBuffer>;
  /** By node of the tree, of the pairs at and below it: those that differ, those with another name, those nobody knows about. */
  readonly differing: Uint32Array<ArrayBuffer>;
  readonly renamed: Uint32Array<ArrayBuffer>;
  readonly unknown: Uint32Array<ArrayBuffer>;
}

/** What a report is written as. */
export type ReportForm = 'json' | 'markdown' | 'html';

export interface PairRequest {
  readonly comparison: DocumentId;
  readonly pair: EntryId;
}

export interface PairValues extends Required<Pick<PairComparison, 'comparison' | 'indices'>> {
  /** What was compared: `magnitudes` of complex numbers, `stored integers` where scales are not known. */
  readonly of: PairComparison['of'];
  /** The same in the numbers of a table. */
  readonly known: PairBatch;
}

/** What is known of some pairs once their values were compared. */
export interface PairBatch extends DeltaBatch {
  /** Place in VERDICTS of each. */
  readonly verdicts: Uint8Array<ArrayBuffer>;
}

export interface EditReply {
  /** The document as it is now, under the id it has. */
  readonly document: OpenedDocument;
  readonly log: EditLog;
  readonly revision: number;
  /** The row now of every row before, −1 for those that went; absent when all are where they were. */
  readonly moved?: Int32Array;
}

/** Open documents; A is the one that becomes the merge. */
export interface MergeSidesRequest {
  readonly base?: DocumentId;
  readonly a: DocumentId;
  readonly b: DocumentId;
}

export interface MergeRequest extends MergeSidesRequest, MergeOptions {
  readonly three: ThreeWay;
}

export interface EditReview {
  readonly before?: Entry | undefined;
  readonly after?: Entry | undefined;
}

export interface RenderRequest {
  readonly text: string;
  readonly kind: TemplateKind;
  readonly variables: Readonly<Record<string, TemplateValue>>;
}

export type RenderedTemplate = { readonly text: string } | { readonly error: ErrorInfo };

export interface RenamePreview {
  readonly count: number;
  /** The first of them. */
  readonly renames: readonly { readonly row: EntryId; readonly key: string; readonly to: string }[];
  /** Keys that two entries would have. */
  readonly collisions: readonly string[];
}

export interface SaveForecast {
  /** False: the format is not written here. */
  readonly savable: boolean;
  readonly files: readonly {
    readonly file: string;
    /** Bytes. */
    readonly size?: number;
    /** Bytes that are not in the file as it was read. */
    readonly newBytes: number;
    readonly isCopy: boolean;
  }[];
  readonly losses: readonly Problem[];
}

export interface SavedBlob {
  readonly file: string;
  readonly blob: Blob;
  /** Nothing in it is different. */
  readonly isCopy: boolean;
}

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
  readonly metadata: number;
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
export type EntryDetail = EntryDescription;

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
  /** Stored integers of quantised tensors, not what they stand for. */
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
