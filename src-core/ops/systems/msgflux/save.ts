import type { Problem } from '../../../model/state-dict.ts';
import { type Datum, type Dict, isDict, isList, type Pair } from '../data.ts';
import { note, warning } from '../operation.ts';
import { raised } from '../raise.ts';
import { writeJson } from './json-write.ts';
import { writeToml } from './toml-write.ts';

export interface SavedText {
  readonly text: string;
  readonly problems: readonly Problem[];
}

/** TOML came in 0.1.0a2 and went with 0.1.0a14, though the guide still shows it. */
export const TOML_VERSION = '0.1.0a3';

/**
 * `msgflux.save(state, path)`. Without a version both kinds are written, each as the last release that had it; with one it
 * does what that release does.
 */
export function saveState(state: Dict, path: string, version: string | undefined): SavedText {
  if (path.endsWith('json')) {
    const problems = path.endsWith('.json')
      ? []
      : [warning('suffix', 'msgflux.load wants ".json" at the end of the name.')];
    return { text: writeJson(state), problems };
  }
  const old = version === undefined || version === TOML_VERSION;
  if (!path.endsWith('toml') || !old)
    throw raised(
      'msgflux',
      'ValueError',
      old ? `Unsupported format: \`${path}\`` : `Unsupported format: \`${path}\`. Use \`json\`.`,
    );
  const problems: Problem[] = [];
  if (version === undefined)
    problems.push(note('old-format', 'msgflux writes TOML no more since 0.1.0a14; this is how 0.1.0a3 wrote it.'));
  for (const [key, value] of state.items)
    if (holdsText(value, 'None'))
      problems.push(
        warning('none-text', `${String(key)} holds the text "None", which TOML of msgflux reads back as null.`),
      );
  return { text: writeToml(noneToText(state)), problems };
}

/** `{None → "None"}` in dicts and lists, however deep. */
function noneToText(state: Dict): Dict {
  return mapLeaves(state, (leaf) => leaf ?? 'None') as Dict;
}

/** What loading TOML does to every text "None". The state that comes out, and the keys where that happened. */
export function noneFromText(state: Dict): { readonly state: Dict; readonly keys: readonly string[] } {
  const keys = state.items.filter(([, value]) => holdsText(value, 'None')).map(([key]) => String(key));
  return { state: mapLeaves(state, (leaf) => (leaf === 'None' ? null : leaf)) as Dict, keys };
}

function mapLeaves(datum: Datum, change: (leaf: Datum) => Datum): Datum {
  if (isList(datum)) return datum.map((item) => mapLeaves(item, change));
  if (!isDict(datum)) return change(datum);
  return { kind: 'dict', items: datum.items.map(([key, value]): Pair => [key, mapLeaves(value, change)]) };
}

function holdsText(datum: Datum, text: string): boolean {
  if (isList(datum)) return datum.some((item) => holdsText(item, text));
  return isDict(datum) ? datum.items.some(([, value]) => holdsText(value, text)) : datum === text;
}
