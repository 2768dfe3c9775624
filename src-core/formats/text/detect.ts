import { decodeText } from './decode.ts';
import { scanJson } from './json-scan.ts';
import { looksLikeObject, probeToml } from './probe.ts';
import { scanToml } from './toml-scan.ts';
import type { ScannedText, TextSource } from './tree.ts';

/**
 * What a pasted text is. JSON when it is a whole object or list, or at least begins an object; TOML when it is whole and sets
 * something; else plain prose.
 */
export function detectText(text: string): 'json' | 'toml' | 'plain' {
  const source = (format: string) => decodeText(new TextEncoder().encode(text), 'pasted text', format).source;
  const json = attempt(scanJson, source('JSON'))?.root.kind;
  if (json === 'object' || json === 'array' || looksLikeObject(text)) return 'json';
  if (probeToml(text.slice(0, 4096), '') !== 'maybe') return 'plain';
  const toml = attempt(scanToml, source('TOML'))?.root;
  return toml?.kind === 'object' && toml.members.length > 0 ? 'toml' : 'plain';
}

function attempt(scan: (source: TextSource) => ScannedText, source: TextSource): ScannedText | undefined {
  try {
    return scan(source);
  } catch {
    return undefined;
  }
}
