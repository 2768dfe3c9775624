import { LIMITS } from '../../base/limits.ts';
import type { KeyPath, PartKind } from './key.ts';
import { wholeText } from './whole-text.ts';

/** Parts of `/model/layers.0/self_attn/MatMul`: names in a graph, where slashes divide modules and dots list positions and parameters. */
export function splitSlashed(name: string): readonly string[] {
  const parts = name.split('/').flatMap((part) => part.split('.'));
  const named = parts.filter((part) => part !== '');
  return named.length > 0 ? named : [name];
}

/** The same as a path that keeps the text. */
export function slashedPath(raw: string): KeyPath {
  const parts = splitSlashed(raw);
  if (parts.length > LIMITS.keyParts) return wholeText(raw);
  return { parts, kinds: parts.map((): PartKind => 'unknown'), raw };
}
