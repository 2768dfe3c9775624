/**
 * One error class over a plain union: a subclass would not survive structured clone between worker and page, `info` does.
 * `message` says what and where in a sentence; the page words it again for people in `explain-error.ts`.
 */
export type ErrorInfo =
  /** Nothing here knows the file. `head` is its first bytes, for the person to recognise. */
  | { kind: 'unknown-format'; file: string; head: Uint8Array<ArrayBuffer> }
  /** Known, but not a model: an LFS pointer, a web page, a tokenizer… `what` names it, `advice` says what to do. */
  | { kind: 'not-a-model'; file: string; what: string; advice: string }
  /** The file breaks its own format. `at` is a byte offset in `file`. */
  | { kind: 'malformed'; file: string; format: string; detail: string; at?: number }
  /** Valid, but this program does not read it (yet). */
  | { kind: 'unsupported'; file: string; format: string; detail: string }
  /** A cap of `limits.ts` was met. `limit` is the cap's name. */
  | { kind: 'limit'; file: string; limit: string; value: number; max: number; detail: string }
  /** Bytes could not be had: the file vanished, the server refused, the range came back short. `written`: could not be put there. */
  | { kind: 'source'; file: string; detail: string; status?: number; advice?: string; written?: true }
  /** Asked for an entry, document or file that is not there. */
  | { kind: 'not-found'; what: string; detail: string }
  /** The person's own input (a query, a slice, an option) cannot be read. */
  | { kind: 'bad-input'; detail: string; at?: number }
  /** An operation of a real system would raise this: its exception class, and its words in gist. */
  | { kind: 'raised'; system: string; type: string; detail: string }
  /** A template cannot be read or rendered. `line` counts from 1. */
  | { kind: 'template'; reason: TemplateFault; detail: string; line?: number }
  /** A module that cannot be computed: `path` below the one asked for, why, and what would make it run. */
  | { kind: 'not-runnable'; path: string; why: string; advice: string }
  | { kind: 'cancelled' }
  /** A defect of this program. */
  | { kind: 'internal'; detail: string };

/**
 * `syntax`: it is no template of its kind. `undefined`: it needs a variable that has no value. `raised`: it raises this itself.
 * `value`: a value does not suit what is done with it. `unsupported`: valid, and not rendered here. `limit`: it takes too much.
 */
export type TemplateFault = 'syntax' | 'undefined' | 'raised' | 'value' | 'unsupported' | 'limit';

export class StateglassError extends Error {
  override readonly name = 'StateglassError';
  readonly info: ErrorInfo;
  constructor(info: ErrorInfo, options?: { cause?: unknown }) {
    super(describeError(info), options);
    this.info = info;
  }
}

/** One plain sentence: what, where, and what to do when that is known. */
export function describeError(info: ErrorInfo): string {
  switch (info.kind) {
    case 'unknown-format':
      return `${info.file}: not a format this program knows (it begins with ${formatHead(info.head)})`;
    case 'not-a-model':
      return `${info.file}: ${info.what}. ${info.advice}`;
    case 'malformed':
      return `${info.file}: damaged ${info.format} file: ${info.detail}${info.at === undefined ? '' : ` (at byte ${info.at})`}`;
    case 'unsupported':
      return `${info.file}: ${info.format}: ${info.detail}`;
    case 'limit':
      return `${info.file}: ${info.detail} (${info.limit} is ${info.max}, the file asks for ${info.value})`;
    case 'source':
      return `${info.file}: ${info.detail}${info.advice ? `. ${info.advice}` : ''}`;
    case 'not-found':
      return `${info.what}: ${info.detail}`;
    case 'bad-input':
      return info.detail;
    case 'raised':
      return `${info.system} raises ${info.type}: ${info.detail}`;
    case 'template':
      return info.line === undefined ? info.detail : `line ${info.line}: ${info.detail}`;
    case 'not-runnable':
      return `${info.path === '' ? 'it' : info.path} cannot be run: ${info.why}. ${info.advice}`;
    case 'cancelled':
      return 'cancelled';
    case 'internal':
      return `internal error: ${info.detail}`;
  }
}

function formatHead(head: Uint8Array): string {
  if (head.length === 0) return 'nothing';
  const bytes = [...head.subarray(0, 16)];
  const hex = bytes.map((b) => b.toString(16).padStart(2, '0')).join(' ');
  const text = bytes.map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '·')).join('');
  return `${hex} "${text}"`;
}

/** What any thrown value says, as plain data that crosses a worker boundary. */
export function toErrorInfo(error: unknown): ErrorInfo {
  if (error instanceof StateglassError) return error.info;
  if (error instanceof DOMException && error.name === 'AbortError') return { kind: 'cancelled' };
  return { kind: 'internal', detail: error instanceof Error ? error.message : String(error) };
}

/** An error for a file that breaks its format. `at` is a byte offset in the file. */
export const malformed = (file: string, format: string, detail: string, at?: number): StateglassError =>
  new StateglassError(
    at === undefined ? { kind: 'malformed', file, format, detail } : { kind: 'malformed', file, format, detail, at },
  );

/** Throws `cancelled` when the signal has fired. Call it once per chunk in every long loop. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StateglassError({ kind: 'cancelled' });
}
