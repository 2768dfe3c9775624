import type { JsonNode } from '../../model/state-dict.ts';
import { compareValues } from '../compare-values.ts';
import { identifyPath, type Outline, type OutlineEntry } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import { ReportDraft } from '../report-draft.ts';
import { showTexts, typeOf } from '../words.ts';

/** Every Predict of the program by its name, tried on a copy first. Fields go by their place, as many as both have. */
export const dspy: LoadPolicy = {
  id: 'dspy',
  label: 'DSPy',
  call: "program.load('program.json')",
  missing: 'error',
  unexpected: 'ignore',
  shape: 'none',
  dtype: 'none',
  match: 'exact',
  atomic: true,
  plan(target: Outline, source: Outline): ReportDraft {
    const draft = new ReportDraft();
    const raise = (type: string, message: string) => draft.raise(type, message, { atomic: true });
    if (source.notDict !== undefined)
      return raise('TypeError', `${source.notDict} indices must be integers or slices, not str`);
    warnVersions(draft, target, source);
    const predicts = groupPredicts(target, target.containers);
    // A state without a signature is known by the name that the program has for it.
    const saved = groupPredicts(source, new Map([...(target.containers ?? []), ...(source.containers ?? [])]));
    for (const [name, places] of predicts) {
      const state = saved.get(name);
      if (!state) {
        for (const { key } of places.values()) draft.missing.push(key);
        raise('KeyError', `'${name}'`);
        continue;
      }
      const absent = places.has('') ? undefined : ['signature', 'lm'].find((field) => !hasField(state, field));
      if (absent !== undefined) raise('KeyError', `'${absent}'`);
      if (hasField(state, 'extended_signature'))
        raise('NotImplementedError', 'Loading extended_signature is no longer supported in DSPy 2.6+');
      loadPredict(draft, places, state);
    }
    for (const [name, state] of saved)
      if (!predicts.has(name)) for (const { key } of state.values()) draft.unexpected.push(key);
    return draft;
  },
};

/** By the rest of their keys: `signature.instructions`; the empty text for what is no Predict's. */
type PredictState = ReadonlyMap<string, OutlineEntry>;

/** The entries of each Predict, by its name. A program that is itself a Predict has none. */
function groupPredicts({ entries }: Outline, containers: Outline['containers']): ReadonlyMap<string, PredictState> {
  const groups = new Map<string, Map<string, OutlineEntry>>();
  for (const entry of entries) {
    const field = entry.parts.slice(depthOfPredict(entry, containers)).join('.');
    const name = entry.key.slice(0, entry.key.length - field.length).replace(/\.$/, '');
    let group = groups.get(name);
    if (!group) {
      group = new Map();
      groups.set(name, group);
    }
    group.set(field, entry);
  }
  return groups;
}

function depthOfPredict({ parts }: OutlineEntry, containers: Outline['containers']): number {
  for (let depth = 0; containers && containers.size > 0 && depth < parts.length; depth++)
    if (containers.get(identifyPath(parts.slice(0, depth))) === 'Predict') return depth;
  return parts.length;
}

const hasField = (state: PredictState, field: string): boolean =>
  [...state.keys()].some((key) => key === field || key.startsWith(`${field}.`));

function loadPredict(draft: ReportDraft, places: PredictState, state: PredictState): void {
  const dropped: string[] = [];
  for (const [field, entry] of state) {
    const place = places.get(field);
    const option = field.startsWith('lm.') ? field.slice(3) : undefined;
    if (option !== undefined && UNSAFE.includes(option)) {
      dropped.push(option);
      draft.unexpected.push(entry.key);
    } else if (place) draft.assign(place.key, entry.key, compareFields(place, entry));
    // Anything else of a Predict's state is set as it is.
    else draft.added.push(entry.key);
  }
  if (dropped.length > 0)
    draft.warnings.push(
      `Ignoring unsafe LM config key(s) during state load: ${showTexts(dropped.sort())}. ` +
        'Pass allow_unsafe_lm_state=True to preserve these keys for trusted files.',
    );
  for (const [field, { key }] of places) if (!state.has(field) && !field.startsWith('lm')) draft.missing.push(key);
}

/** Names of servers: a file could send prompts anywhere. */
const UNSAFE = ['api_base', 'base_url', 'model_list'];

function compareFields(place: OutlineEntry, entry: OutlineEntry) {
  const [held, given] = [countItems(place), countItems(entry)];
  if (!place.key.endsWith('signature.fields') || held === undefined || given === undefined || held === given)
    return compareValues(place, entry);
  return [{ key: place.key, what: 'kind', expected: `${held} fields`, actual: `${given} fields` }] as const;
}

function countItems({ value }: OutlineEntry): number | undefined {
  const json: JsonNode | undefined = value.kind === 'object' ? value.json : undefined;
  if (json?.kind === 'array') return json.items.length;
  return typeOf(value) === 'list' ? 0 : undefined;
}

function warnVersions(draft: ReportDraft, target: Outline, source: Outline): void {
  for (const [name, version] of source.dependencies ?? []) {
    const here = target.dependencies?.get(name);
    if (here === undefined || here === version) continue;
    draft.warnings.push(
      `There is a mismatch of ${name} version between saved model and current environment. You saved with ` +
        `\`${name}==${version}\`, but now you have \`${name}==${here}\`. This might cause errors or performance downgrade ` +
        'on the loaded model, please consider loading the model in the same environment as the saving environment.',
    );
  }
}
