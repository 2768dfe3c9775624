import type {
  DType,
  Edit,
  EditLog,
  EditPreview,
  Entry,
  EntryId,
  LoraBake,
  LoraLeft,
  LoraOptions,
  Problem,
  Proposal,
  RenameRule,
  TakePreview,
} from '../../src-core/index.ts';
import type { CallOptions, DocumentId, OpenedDocument } from './api.ts';

/** Changes a document, and takes the changes out of the page. */
export interface EditApi {
  /** The entry as it was read, before every edit; null for what was added. */
  entryAsRead(document: DocumentId, entry: EntryId): Promise<Entry | null>;
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

export interface EditReply {
  /** The document as it is now, under the id it has. */
  readonly document: OpenedDocument;
  readonly log: EditLog;
  readonly revision: number;
  /** The row now of every row before, −1 for those that went; absent when all are where they were. */
  readonly moved?: Int32Array;
}

export interface EditReview {
  readonly before?: Entry | undefined;
  readonly after?: Entry | undefined;
}

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
