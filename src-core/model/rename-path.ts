import type { KeyPath, PartKind, PathPart } from './keys/key.ts';
import { KEY_SYNTAXES } from './keys/recognise.ts';
import { slashedPath } from './keys/slashed.ts';

/**
 * The path of another key, read as the key it replaces was written: in the same syntax, or by dots where keys are nested. What
 * both keys begin with stays as it was, so that a part with a dot inside, or a list position, is not read anew.
 */
export function renamePath(path: KeyPath, to: string): KeyPath {
  if (path.raw === null) return renameParts(path, to);
  const syntax = syntaxOf(path);
  // People see and type dots, wherever a file has slashes.
  const isTyped = syntax === KEY_SYNTAXES['slash-separated'] && !to.includes('/');
  return syntax.parse(isTyped ? renameParts(path, to).parts.join('/') : to);
}

function renameParts(path: KeyPath, to: string): KeyPath {
  const kept = keptParts(path, to);
  const rest = to.slice(path.parts.slice(0, kept).join('.').length + (kept > 0 ? 1 : 0));
  const isWhole = kept > 0 && rest === '' && path.parts.slice(0, kept).join('.') === to;
  const more = isWhole ? [] : rest.split('.');
  const parts: PathPart[] = [...path.parts.slice(0, kept)];
  const kinds: PartKind[] = [...path.kinds.slice(0, kept)];
  for (const [i, text] of more.entries()) {
    const was = path.parts[kept + i];
    const isIndex = typeof was === 'number' && /^(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text));
    parts.push(isIndex ? Number(text) : text);
    kinds.push(isIndex ? path.kinds[kept + i]! : 'key');
  }
  return { parts, kinds, raw: null };
}

/** The path of a new key in a state whose other keys are like `sample`. */
export function pathLike(sample: KeyPath | undefined, key: string): KeyPath {
  if (sample) return renamePath(sample, key);
  return KEY_SYNTAXES.dotted.parse(key);
}

function syntaxOf(path: KeyPath) {
  const { tuple, keystr, dspy, dotted } = KEY_SYNTAXES;
  const slashSeparated = KEY_SYNTAXES['slash-separated'];
  // One part is written alike in all.
  const isKeyed = path.raw?.includes('/') && path.kinds.every((kind) => kind === 'key');
  const isReadSo = (parts: readonly PathPart[]) =>
    parts.length === path.parts.length && parts.every((part, i) => part === path.parts[i]);
  const graph = { parse: slashedPath };
  const syntaxes = [tuple, keystr, dspy, ...(isKeyed ? [slashSeparated] : []), dotted, graph];
  return syntaxes.find((syntax) => isReadSo(syntax.parse(path.raw ?? '').parts)) ?? dotted;
}

/** Leading parts that the new key has too, each followed by a dot or its end. */
function keptParts({ parts }: KeyPath, to: string): number {
  let kept = 0;
  for (let text = ''; kept < parts.length; kept++) {
    text = kept === 0 ? String(parts[0]) : `${text}.${parts[kept]}`;
    if (to !== text && !to.startsWith(`${text}.`)) break;
  }
  return kept;
}

/** A key as a person writes it. */
export const keyOfPath = (path: KeyPath): string => path.raw ?? path.parts.join('.');
