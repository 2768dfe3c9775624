import { malformed, StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { JsonNode, MetaItem } from '../../model/state-dict.ts';
import type { ReadContext } from '../format.ts';
import { Places } from './places.ts';
import type { TextNote, TextSource } from './tree.ts';

export interface DecodedText {
  readonly source: TextSource;
  readonly notes: readonly TextNote[];
  /** How the text is laid out: encoding, line ends, indent, whether the last line ends. Section `file`. */
  readonly layout: readonly MetaItem[];
}

/** Reads a whole text file. UTF-8 only: damaged bytes are replaced and reported, UTF-16 is refused by name. */
export async function readText(context: ReadContext, format: string): Promise<DecodedText> {
  const { source, id: file, signal, onProgress } = context;
  if (source.size > LIMITS.textBytes)
    throw new StateglassError({
      kind: 'limit',
      file,
      limit: 'textBytes',
      value: source.size,
      max: LIMITS.textBytes,
      detail: 'the text is too large to be read as a state dict',
    });
  onProgress?.(0, source.size);
  const bytes = await source.read(0, source.size, signal);
  onProgress?.(source.size, source.size);
  return decodeText(bytes, file, format);
}

export function decodeText(bytes: Uint8Array, file: string, format: string): DecodedText {
  const wide = wideEncoding(bytes);
  if (wide) {
    throw malformed(file, format, `the text is ${wide}, and only UTF-8 is read: save it as UTF-8 first`, 0);
  }
  let text: string;
  const notes: TextNote[] = [];
  let exact = true;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    exact = false;
    notes.push(describeDamage(text, bytes));
  }
  const newline = nameNewline(text);
  if (newline === 'mixed')
    notes.push({
      code: 'mixed-line-ends',
      severity: 'note',
      message: 'Some lines end in CRLF and some in LF.',
      offset: 0,
    });
  const layout = {
    encoding: !exact ? 'damaged UTF-8' : text.startsWith('\uFEFF') ? 'UTF-8 with byte order mark' : 'UTF-8',
    newline,
    indent: nameIndent(text),
    'trailing newline': /[\r\n]$/.test(text),
  };
  return {
    source: { file, format, text, exact, places: new Places(text) },
    notes,
    layout: Object.entries(layout).map(([key, value]) => ({ section: 'file', key, value: asJson(value) })),
  };
}

const asJson = (value: string | boolean): JsonNode =>
  typeof value === 'string' ? { kind: 'string', value } : { kind: 'bool', value };

function wideEncoding(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'UTF-32' : 'UTF-16';
  if (a === 0xfe && b === 0xff) return 'UTF-16';
  return a === 0 && b === 0 && c === 0xfe && d === 0xff ? 'UTF-32' : undefined;
}

/** What decodes to U+FFFD without being one in the file. */
function describeDamage(text: string, bytes: Uint8Array): TextNote {
  const encoder = new TextEncoder();
  let offset = -1;
  let at = 0;
  let from = 0;
  do {
    offset = text.indexOf('\uFFFD', from);
    at += encoder.encode(text.slice(from, offset)).length;
    from = offset + 1;
    // A real U+FFFD is these three bytes; go on behind it.
    if (bytes[at] !== 0xef || bytes[at + 1] !== 0xbf || bytes[at + 2] !== 0xbd) break;
    at += 3;
  } while (offset >= 0);
  return {
    code: 'not-utf8',
    severity: 'warning',
    message: `The text is not valid UTF-8 from byte ${at} on; what cannot be read is shown as U+FFFD.`,
    advice: 'Saving it from here would lose those bytes: convert the file to UTF-8 with the program that made it.',
    offset: Math.max(0, offset),
  };
}

/** `LF`, `CRLF`, `CR`, `mixed`, or `none` for a single line. */
export function nameNewline(text: string): string {
  const crlf = countOf(text, '\r\n');
  const lf = countOf(text, '\n') - crlf;
  const cr = countOf(text, '\r') - crlf;
  const kinds = [crlf && 'CRLF', lf && 'LF', cr && 'CR'].filter(Boolean);
  return kinds.length > 1 ? 'mixed' : (kinds[0] || 'none').toString();
}

function countOf(text: string, what: string): number {
  let count = 0;
  for (let at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + what.length)) count++;
  return count;
}

/** The blanks before the first indented line: nearly always one level. */
function nameIndent(text: string): string {
  const blank = /\n([ \t]+)[^ \t\r\n]/.exec(text)?.[1];
  if (!blank) return 'none';
  if (blank.includes('\t')) return blank === '\t' ? 'a tab' : 'tabs';
  return blank.length === 1 ? '1 space' : `${blank.length} spaces`;
}
