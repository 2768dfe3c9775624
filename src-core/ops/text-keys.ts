import type { ErrorInfo } from '../base/errors.ts';
import type { StateDict } from '../model/state-dict.ts';

const NESTING = new Set(['json', 'toml', 'yaml']);

/** Why the keys of a document are not written another way: how a file of tensors nests them is a matter of its own. */
export function whyNotText({ format, dialect, entries }: StateDict): ErrorInfo | undefined {
  const detail = !NESTING.has(format)
    ? 'only keys of JSON, TOML and YAML documents are nested and written whole'
    : dialect === 'dspy'
      ? 'DSPy reads its programs in no other form'
      : entries.length === 0
        ? 'there are no keys'
        : undefined;
  return detail === undefined ? undefined : { kind: 'unsupported', file: 'keys', format, detail };
}
