import type { ErrorInfo } from '../../src-core/index.ts';
import { bytesText, exactCount } from '../ui/format.ts';

/** A failure in a person's words: what happened, where, what to do about it. */
export interface Explained {
  readonly title: string;
  readonly where?: string;
  readonly what: string;
  readonly advice?: string;
  /** Raw facts for the curious: first bytes. */
  readonly details?: string;
  readonly tone: 'bad' | 'warn' | 'plain';
}

/** Words every kind of error. The switch is exhaustive: a new kind does not compile until it has words. */
export function explainError(error: ErrorInfo): Explained {
  switch (error.kind) {
    case 'unknown-format':
      return {
        title: 'Not a format Stateglass knows',
        where: error.file,
        what: error.head.length === 0 ? 'The file is empty.' : 'Its first bytes match no known format.',
        advice:
          'Safetensors, PyTorch, GGUF, NumPy, ONNX, Flax and Orbax can be opened, and JSON, TOML or YAML state dicts.',
        ...(error.head.length > 0 && { details: hexDump(error.head) }),
        tone: 'warn',
      };
    case 'not-a-model':
      return {
        title: 'Not a model',
        where: error.file,
        what: sentence(error.what),
        advice: sentence(error.advice),
        tone: 'warn',
      };
    case 'malformed':
      return {
        title: `Damaged ${error.format} file`,
        where: error.at === undefined ? error.file : `${error.file}, byte ${exactCount(error.at)}`,
        what: sentence(error.detail),
        advice: 'Compare its size with the original, and download or copy it again.',
        tone: 'bad',
      };
    case 'unsupported':
      return {
        title: 'Not read yet',
        where: error.file,
        what: sentence(error.detail),
        advice: `The file is a valid ${error.format} file; this part of the format is not supported.`,
        tone: 'warn',
      };
    case 'limit':
      return {
        title: 'Larger than is safe to open',
        where: error.file,
        what: sentence(error.detail),
        advice: `The file asks for ${amount(error.limit, error.value)}; at most ${amount(error.limit, error.max)} is read, so that a broken file cannot exhaust the memory.`,
        tone: 'bad',
      };
    case 'source':
      return {
        title: error.written
          ? 'The file was not written'
          : error.status === undefined
            ? 'The bytes could not be read'
            : `The server answered ${error.status}`,
        where: error.file,
        what: sentence(error.detail),
        advice: sentence(error.advice ?? sourceAdvice(error.status)),
        tone: 'bad',
      };
    case 'not-found':
      return { title: 'Not there', where: error.what, what: sentence(error.detail), tone: 'warn' };
    case 'bad-input':
      return {
        title: 'That cannot be read',
        what: sentence(error.detail),
        ...(error.at !== undefined && { where: `at character ${error.at + 1}` }),
        tone: 'warn',
      };
    case 'raised':
      return { title: `Refused by ${error.system}`, where: error.type, what: sentence(error.detail), tone: 'warn' };
    case 'template':
      return {
        title: 'The template cannot be rendered',
        what: sentence(error.detail),
        ...(error.line !== undefined && { where: `line ${error.line}` }),
        tone: 'warn',
      };
    case 'not-runnable':
      return {
        title: 'It cannot be run',
        ...(error.path !== '' && { where: error.path }),
        what: sentence(error.why),
        advice: sentence(error.advice),
        tone: 'warn',
      };
    case 'cancelled':
      return { title: 'Cancelled', what: 'Stopped before it was done. Nothing was changed.', tone: 'plain' };
    case 'internal':
      return {
        title: 'Something broke inside Stateglass',
        what: sentence(error.detail),
        advice: 'This is a defect of the program, not of your file. Reloading the page usually helps.',
        tone: 'bad',
      };
  }
}

function sourceAdvice(status: number | undefined): string {
  if (status === 401 || status === 403) return 'The address needs a permission this page does not have.';
  if (status === 404) return 'Check the address.';
  return 'If the file was moved or changed since it was opened, drop it again.';
}

/** Caps whose name says bytes are amounts of bytes. */
const amount = (limit: string, value: number): string => (/bytes$/i.test(limit) ? bytesText(value) : exactCount(value));

function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const capital = trimmed[0]!.toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

function hexDump(head: Uint8Array): string {
  const lines: string[] = [];
  // Eight on a line fit a card, and a narrow window.
  for (let at = 0; at < Math.min(head.length, 32); at += 8) {
    const bytes = [...head.subarray(at, at + 8)];
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${hex.padEnd(23)}  ${text}`);
  }
  return lines.join('\n');
}
