import type { FileId } from '../bytes/source.ts';
import type { Codec } from '../bytes/unpack.ts';
import type { Derivation } from '../tensor/derivation.ts';
import type { DType } from '../tensor/dtype.ts';
import type { KeyPath } from './keys/key.ts';

/**
 * The one model of everything this program opens: plain, immutable, clonable data. It says what a file declares and where
 * its bytes are; it never holds tensor bytes. It lives in the engine and does not cross to the page whole.
 */
export interface StateDict {
  /** Id of the format that read it (`safetensors`, `pytorch`, `json`, `toml`…). */
  readonly format: string;
  /** The format's own version or variant, for people (`zip, protocol 2`). */
  readonly formatVersion?: string;
  readonly dialect: Dialect;
  /** Whether the file nests its keys (TOML tables, JSON objects, nested dicts) or writes them whole (`a.b.c`). */
  readonly layout: 'flat' | 'nested';
  /** In source order, which is data. */
  readonly entries: Entries;
  readonly storages: Storages;
  /** What is known of inner nodes: a container's type, a module's version. Keyed by the joined path. */
  readonly nodes: ReadonlyMap<string, NodeInfo>;
  readonly shares: readonly ShareGroup[];
  /** In source order; keys may repeat in a damaged file. */
  readonly metadata: readonly MetaItem[];
  readonly problems: readonly Problem[];
  readonly files: readonly FileInfo[];
  /** Every global a pickle names. Only pickle-based formats have one. */
  readonly pickle?: PickleReport;
  /** The bytes of the header as stored, re-read when needed (byte-exact saving). */
  readonly header?: ByteSlice;
}

export type Dialect = 'torch' | 'msgflux' | 'dspy' | 'inox' | 'nnx' | 'max' | 'caten' | 'generic';

/** The row of an entry in its state. Not the key: renames keep it. An edit that takes rows away moves those after them. */
export type EntryId = number;
export type StorageId = number;

export interface Entry {
  readonly id: EntryId;
  /** In an edited state: its row in the file as it was read, whatever became of it since; null for what was added. */
  readonly source?: EntryId | null;
  readonly path: KeyPath;
  /** The key as a person writes it: the raw text, or the parts of a nested entry joined by `.`. */
  readonly key: string;
  readonly value: Value;
  readonly role: Role;
  readonly roleSource: RoleSource;
  /** Declared beside the value: `requires_grad`, `spec`, sharding, key types… in source order. */
  readonly meta?: readonly MetaItem[];
}

/**
 * Entries by row, which is their `id`. Half a million tensors cost a few columns: `at` makes an Entry when somebody asks for one.
 */
export interface Entries {
  readonly length: number;
  at(row: number): Entry;
  /** The columns a tree needs, without making entries. */
  columns(): EntryColumns;
}

/**
 * What a ModuleTree is built from, one row per entry.
 *
 * A path is bytes: every part is a tag byte and its UTF-8 text. Neither tag occurs in UTF-8, so comparing parts is comparing
 * bytes, and the integer 0 differs from the text "0" (which flax.nnx distinguishes).
 */
export interface EntryColumns {
  readonly count: number;
  readonly paths: Uint8Array<ArrayBuffer>;
  /** count + 1 offsets into `paths`. */
  readonly pathStart: Uint32Array<ArrayBuffer>;
  /** VALUE_CODE of each row. */
  readonly types: Uint8Array<ArrayBuffer>;
  /** Position + 1 in `dtypes`; 0 when the value has none. */
  readonly dtype: Uint16Array<ArrayBuffer>;
  readonly dtypes: readonly DType[];
  /** Index into `shapes`; 0xffffffff when the value has none. */
  readonly shape: Uint32Array<ArrayBuffer>;
  /** Distinct logical shapes. */
  readonly shapes: readonly (readonly number[])[];
  /** Logical elements; 0 for what is not a tensor. */
  readonly params: Float64Array<ArrayBuffer>;
  /** Bytes the value takes in the file. */
  readonly bytes: Float64Array<ArrayBuffer>;
  /** ROW_FLAG bits. */
  readonly flags: Uint8Array<ArrayBuffer>;
  /** Position in ROLE_ORDER. */
  readonly roles: Uint8Array<ArrayBuffer>;
}

export const PART_TEXT = 0xff;
export const PART_INT = 0xfe;
export const NO_SHAPE = 0xffffffff;

export const ROW_FLAG = {
  /** Shares its storage with an earlier entry: its bytes and params are counted there. */
  alias: 1,
  /** Member of a share group (the owner too). */
  tied: 2,
  /** An error or a warning points at it. */
  problem: 4,
  /** Role is a guess (`roleSource: 'heuristic'`). */
  guessedRole: 8,
  /** Named but its bytes are not here (a missing shard, an abstract value). */
  absent: 16,
  /** Looks like a credential. */
  secret: 32,
  /** Is not as it was read: its key, value or role, or all of it is new. */
  edited: 64,
} as const;

export type Value =
  | TensorValue
  | { readonly type: 'text'; readonly text: string }
  /** Decimal digits with an optional sign: Python and JSON ints have no size. `lexeme` where the text is another: `0x1f`, `1_000`. */
  | { readonly type: 'int'; readonly digits: string; readonly lexeme?: string }
  /** `lexeme` is the source text when there is one: `1.0`, `1e-5`, `nan`. */
  | { readonly type: 'float'; readonly value: number; readonly lexeme?: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'null' }
  | { readonly type: 'complex'; readonly re: number; readonly im: number }
  | { readonly type: 'bytes'; readonly storage: StorageId; readonly length: number }
  /** A list, or an object kept whole (typed values, DSPy demos). `flavour` is what the source called it. */
  | { readonly type: 'json'; readonly json: JsonNode; readonly flavour?: string }
  | { readonly type: 'empty'; readonly of: 'dict' | 'list' | 'tuple' | 'set' | 'none' | 'unknown' }
  /** An object that is shown for what it is and never made. `text` is `module.Class(args)`, capped. */
  | { readonly type: 'opaque'; readonly text: string; readonly typeName: string };

export type ValueType = Value['type'];
/** Order of the codes in EntryColumns.types. */
export const VALUE_ORDER = [
  'tensor',
  'text',
  'int',
  'float',
  'bool',
  'null',
  'complex',
  'bytes',
  'json',
  'empty',
  'opaque',
] as const satisfies readonly ValueType[];

export interface TensorValue {
  readonly type: 'tensor';
  readonly dtype: DType;
  /** Logical dimensions, slowest first. */
  readonly shape: readonly number[];
  /** Elements, per dimension. Absent: contiguous in C order. */
  readonly strides?: readonly number[];
  /** Elements from the start of the storage to element [0,…,0]. */
  readonly offset: number;
  /** Absent: declared but no data (a missing shard, a meta tensor). */
  readonly storage?: StorageId;
  readonly quant?: Quant;
  readonly requiresGrad?: boolean;
  /** `cpu`, `cuda:0`: where it was when it was saved. */
  readonly device?: string;
  /** What wraps the plain tensor: `torch.nn.parameter.Parameter`, a subclass, `sparse_coo`… */
  readonly wrapper?: string;
  /** Nobody says its dtype and shape: its shard is not open. `dtype` and `shape` mean nothing then. */
  readonly undeclared?: true;
  /** Lazily applied sign bits of torch: the values shown must honour them. */
  readonly conjugate?: boolean;
  readonly negative?: boolean;
}

/** How stored numbers become values. */
export type Quant =
  | { readonly scheme: 'per-tensor-affine'; readonly scale: number; readonly zeroPoint: number }
  | {
      readonly scheme: 'per-channel-affine';
      readonly axis: number;
      readonly channels: number;
      readonly parameters: string;
      /** One number for each channel, where the file has them as tensors. */
      readonly scales?: TensorValue;
      readonly zeroPoints?: TensorValue;
    };

/** One allocation; several tensors may look at it. */
export interface Storage {
  readonly id: StorageId;
  /** Bytes. */
  readonly byteLength: number;
  readonly endian: 'little' | 'big';
  readonly data: StorageData;
}

export type StorageData =
  | { readonly kind: 'slices'; readonly slices: readonly ByteSlice[] }
  /** With a `codec` they become `byteLength` bytes. */
  | { readonly kind: 'inline'; readonly bytes: Uint8Array<ArrayBuffer>; readonly codec?: Codec }
  /** Made by chunk when it is asked for: elements of a dense tensor in C order, little-endian. */
  | { readonly kind: 'derived'; readonly expr: Derivation; readonly inputs: readonly DerivedInput[] }
  /** Named by the file, but the bytes are not here. `why` is a sentence part: "shard x.safetensors is not open". */
  | { readonly kind: 'absent'; readonly why: string };

/** A tensor that another is derived from; it may be derived itself. */
export interface DerivedInput {
  readonly value: TensorValue;
  readonly storage: Storage;
}

/** Bytes [offset, offset + length) of a file; of what they become when they are unpacked, where there is a `codec`. */
export interface ByteSlice {
  readonly file: FileId;
  readonly offset: number;
  readonly length: number;
  readonly codec?: Codec;
  /** Unpacked length, when `codec` is given. */
  readonly inflated?: number;
}

export interface Storages {
  readonly size: number;
  get(id: StorageId): Storage | undefined;
}

export type Role =
  | { readonly role: 'parameter'; readonly spec?: string }
  | { readonly role: 'buffer' }
  /** flax.nnx: the Variable's class, nearest first. */
  | { readonly role: 'variable'; readonly variable: string }
  | { readonly role: 'state' }
  | { readonly role: 'extra-state' }
  /** Optimiser moments and the like. */
  | { readonly role: 'optimizer' }
  /** Step counters, hyper-parameters, everything that is not part of a module. */
  | { readonly role: 'artifact' }
  | { readonly role: 'unknown' };
export type RoleName = Role['role'];
/** Order of the codes in EntryColumns.roles. */
export const ROLE_ORDER = [
  'unknown',
  'parameter',
  'buffer',
  'variable',
  'state',
  'extra-state',
  'optimizer',
  'artifact',
] as const satisfies readonly RoleName[];
/** Who says so. A guess is never shown as a fact. */
export type RoleSource = 'file' | 'sidecar' | 'heuristic' | 'user';

export interface ShareGroup {
  /** `same-storage`: the same bytes, perhaps through different views. `same-object`: one object saved under several names. */
  readonly kind: 'same-storage' | 'same-object' | 'declared' | 'reference';
  /** The first in source order; totals count it alone. */
  readonly owner: EntryId;
  readonly aliases: readonly EntryId[];
}

export interface NodeInfo {
  /** `OrderedDict`, `dict`, `list`, `tuple`, `table`, a class name. */
  readonly container?: string;
  /** torch `_metadata` version of the module. */
  readonly version?: string;
}

/** Something the file says beside its entries. `section` names where: `__metadata__`, `_metadata`, `metadata`. */
export interface MetaItem {
  readonly section: string;
  readonly key: string;
  readonly value: JsonNode;
  /** As the file types it, where it has more types than JSON: `u32`, `str`, `[f32]`. */
  readonly type?: string;
  /** A long list, which stays in the file: `value` only tells of it. Its items are read by `readMetaList`. */
  readonly list?: MetaList;
}

/** Where the items of a list are: one after the other, numbers as they are, each text behind its length. */
export interface MetaList {
  readonly of: 'text' | MetaNumber;
  readonly count: number;
  readonly bytes: ByteSlice;
  readonly endian: 'little' | 'big';
  /** Texts: bytes of the length in front of each. */
  readonly lengthBytes?: 4 | 8;
  /** Texts: where every 256th begins, in bytes from the start of the list. */
  readonly marks?: readonly number[];
}

export type MetaNumber = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'f32' | 'f64' | 'bool';

export interface Problem {
  /** Stable and short: `hole`, `overlap`, `truncated`, `missing-shard`, `duplicate-key`… */
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'note';
  /** A full sentence: what and where. */
  readonly message: string;
  /** Why it matters and what to do, when that is known. */
  readonly advice?: string;
  readonly entry?: EntryId;
  readonly file?: FileId;
  /** Byte offset in `file`. */
  readonly at?: number;
}

export interface FileInfo {
  readonly id: FileId;
  readonly name: string;
  /** Bytes; undefined for a file that is named but not here. */
  readonly size?: number;
  /** `model`: holds entries. `index`: says which shard holds what. `companion`: config.json, tokenizer.json… kept beside.
   * `sidecar`: roles that a person gave. `data`: holds bytes of entries that a model beside it lists. */
  readonly part: 'model' | 'index' | 'companion' | 'sidecar' | 'missing' | 'data';
}

/** What a pickle would import and call if it were run (it never is). */
export interface PickleReport {
  readonly protocol: number;
  readonly globals: readonly PickleGlobal[];
  /** Whether `torch.load(weights_only=True)` of the version named in `judgedBy` would take it; `why` if not. */
  readonly weightsOnly: { readonly accepted: boolean; readonly why: string; readonly judgedBy: string };
}

export interface PickleGlobal {
  readonly module: string;
  readonly name: string;
  /** `safe`: on torch's own list. `data`: known and harmless. `unknown`: a class of somebody's. `code`: runs things. */
  readonly risk: 'safe' | 'data' | 'unknown' | 'code';
  /** How often it is called or named. */
  readonly uses: number;
  /** Byte offset of the first mention, in the pickle. */
  readonly at: number;
  /** Whether the file applies it to arguments (REDUCE, NEWOBJ, INST, OBJ), which is when code would run. */
  readonly called: boolean;
}

/**
 * JSON that loses nothing: numbers keep their text, objects keep order and duplicates.
 * TOML dates and other scalars without a JSON counterpart are `literal`.
 */
export type JsonNode =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number'; readonly lexeme: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'literal'; readonly lexeme: string; readonly what: string }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: string, value: JsonNode])[] };
