import { decodeText } from './decode.ts';
import { scanJson } from './json-scan.ts';
import { looksLikeObject, probeToml, probeYaml } from './probe.ts';
import { scanToml } from './toml-scan.ts';
import type { ScannedText, TextSource } from './tree.ts';
import { looksLikeYaml } from './yaml-likeness.ts';

/**
 * What a pasted text is. JSON when it is a whole object or list, or at least begins an object; TOML when it is whole and sets
 * something; YAML when it is whole and no prose would be written so; else plain prose.
 */
export async function detectText(text: string): Promise<'json' | 'toml' | 'yaml' | 'plain'> {
  const source = (format: string) => decodeText(new TextEncoder().encode(text), 'pasted text', format).source;
  const json = attempt(scanJson, source('JSON'))?.root.kind;
  if (json === 'object' || json === 'array' || looksLikeObject(text)) return 'json';
  const head = text.slice(0, 4096);
  const toml = probeToml(head, '') === 'maybe' ? attempt(scanToml, source('TOML'))?.root : undefined;
  if (toml?.kind === 'object' && toml.members.length > 0) return 'toml';
  if (probeYaml(head, '') === 'no') return 'plain';
  // The library is large, and few texts come this far.
  const { scanYaml } = await import('./yaml-scan.ts');
  const yaml = attempt(scanYaml, source('YAML'));
  return yaml && looksLikeYaml(yaml) ? 'yaml' : 'plain';
}

function attempt<T extends ScannedText>(scan: (source: TextSource) => T, source: TextSource): T | undefined {
  try {
    return scan(source);
  } catch {
    return undefined;
  }
}
