import type { JsonNode } from '../../model/state-dict.ts';
import { compareValues } from '../compare-values.ts';
import { joinKeys } from '../join-keys.ts';
import type { Outline, OutlineEntry } from '../outline.ts';
import { ReportDraft } from '../report-draft.ts';

/**
 * Loads what comes to each place: by its place in the target, that of the entry in the source; less than 0 for nothing. Nothing is
 * ever compared, refused or told.
 */
export function planMsgflux(target: Outline, source: Outline, reach: () => Int32Array): ReportDraft {
  const draft = new ReportDraft();
  if (source.notDict !== undefined)
    return draft.raise('TypeError', `\`state_dict\` to be dict, given ${source.notDict}`, { atomic: true });
  const isUsed = new Uint8Array(source.entries.length);
  const loaded = new Set<string>();
  for (const [i, row] of reach().entries()) {
    if (row < 0) continue;
    const [place, entry] = [target.entries[i]!, source.entries[row]!];
    isUsed[row] = 1;
    if (!restore(draft, place, entry)) continue;
    loaded.add(place.key);
    draft.assign(place.key, entry.key, compareValues(place, entry));
  }
  for (const { key } of target.entries) if (!loaded.has(key)) draft.missing.push(key);
  for (const row of joinKeys(target, source).given)
    if (isUsed[row] === 0) draft.unexpected.push(source.entries[row]!.key);
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
