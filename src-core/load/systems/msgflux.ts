import type { JsonNode } from '../../model/state-dict.ts';
import { compareValues } from '../compare-values.ts';
import type { Outline, OutlineEntry } from '../outline.ts';
import { ReportDraft } from '../report-draft.ts';

/** What a key of the source has become on its way down to the module whose turn it is. */
type Given = ReadonlyMap<string, OutlineEntry>;

export interface Reached {
  readonly place: OutlineEntry;
  readonly entry: OutlineEntry;
}

/** Loads what `reach` finds for each place. Nothing is ever compared, refused or told. */
export function planMsgflux(target: Outline, source: Outline, reach: (given: Given) => Iterable<Reached>): ReportDraft {
  const draft = new ReportDraft();
  if (source.notDict !== undefined)
    return draft.raise('TypeError', `\`state_dict\` to be dict, given ${source.notDict}`, { atomic: true });
  const byKey = new Map(source.entries.map((entry) => [entry.key, entry]));
  const [loaded, used] = [new Set<string>(), new Set<OutlineEntry>()];
  for (const { place, entry } of reach(byKey)) {
    used.add(entry);
    if (!restore(draft, place, entry)) continue;
    loaded.add(place.key);
    draft.assign(place.key, entry.key, compareValues(place, entry));
  }
  for (const { key } of target.entries) if (!loaded.has(key)) draft.missing.push(key);
  for (const entry of byKey.values()) if (!used.has(entry)) draft.unexpected.push(entry.key);
  return draft;
}

const RESTORED = ['model', 'model_gateway', 'generation_schema'];

/** Whether a value arrives. A buffer that is a typed dict is made into an object again, where its type is known. */
function restore(draft: ReportDraft, place: OutlineEntry, entry: OutlineEntry): boolean {
  const type = place.role === 'parameter' ? undefined : typeMark(entry);
  if (type === undefined) return true;
  draft.warnings.push(
    `"msgflux_type" is taken out of the dict that is given for ${entry.key}: loaded a second time, it stays a plain dict.`,
  );
  if (RESTORED.includes(type)) {
    if (type !== 'model_gateway') return true;
    const argument = `ModelGateway.from_serialized() got an unexpected keyword argument 'state'`;
    draft.raise('TypeError', argument);
    return false;
  }
  draft.mismatched.push({ key: place.key, what: 'kind', expected: RESTORED.join(', '), actual: type });
  return false;
}

function typeMark({ value }: OutlineEntry): string | undefined {
  if (value.kind !== 'object' || value.json?.kind !== 'object') return undefined;
  const mark: JsonNode | undefined = value.json.members.find(([name]) => name === 'msgflux_type')?.[1];
  return mark?.kind === 'string' ? mark.value : mark && 'unknown';
}
