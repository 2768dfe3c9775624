import type { Edit } from '../model/edit.ts';
import { compileRules, type RenameRule } from '../model/keys/rename-rules.ts';
import { compareValues } from './compare-values.ts';
import type { Outline, OutlineEntry } from './outline.ts';
import { plan, renameSource } from './plan.ts';
import type { LoadPolicy } from './policy.ts';
import { renameOutline } from './rename-outline.ts';
import type { LoadOptions, LoadReport } from './report.ts';

/** Wrappers lie around one another: DDP around a compiled module around LoRA. */
const MOST_RULES = 4;

/** Edits of the source after which more of it loads, where that takes no guessing. See `proposeLoadEdits`. */
export function proposeEdits(
  target: Outline,
  source: Outline,
  policy: LoadPolicy,
  options: LoadOptions,
): readonly Edit[] {
  const { map = [], ...rest } = options;
  const edits: Edit[] = map.length > 0 ? [{ op: 'rename-rules', args: { rules: map } }] : [];
  let outline = renameSource(source, options);
  let report = plan(target, outline, policy, rest);
  for (let i = 0; i < MOST_RULES; i++) {
    const rule = findRule(report, outline);
    if (!rule) break;
    edits.push({ op: 'rename-rules', args: { rules: [rule] } });
    outline = renameOutline(outline, compileRules([rule]));
    report = plan(target, outline, policy, rest);
  }
  const renames = pairByLikeness(target, outline, report);
  for (const [key, to] of renames) edits.push({ op: 'rename', args: { key, to } });
  if (renames.size > 0) {
    outline = renameOutline(outline, (key) => renames.get(key) ?? key);
    report = plan(target, outline, policy, rest);
  }
  return [...edits, ...fitValues(report, policy)];
}

const spareOf = ({ unexpected, added }: LoadReport): readonly string[] => [...unexpected, ...added];

/** One rule for what a wrapper, or a module around the model, has put before every key. */
function findRule(report: LoadReport, source: Outline): RenameRule | undefined {
  const missing = new Set(report.missing);
  const spare = new Set(spareOf(report));
  const keys = new Set(source.entries.map(({ key }) => key));
  if (missing.size === 0 || spare.size === 0) return undefined;
  let best: { readonly rule: RenameRule; readonly hits: number } | undefined;
  for (const rule of listRules(report)) {
    const rename = compileRules([rule]);
    let [hits, changed, isSafe] = [0, 0, true];
    for (const key of keys) {
      const to = rename(key);
      if (to === key) continue;
      changed++;
      if (missing.has(to)) hits++;
      // What loads as it is stays, and nothing is put in the place of another.
      if (!spare.has(key) || keys.has(to) || to === '') isSafe = false;
    }
    if (isSafe && hits * 2 > changed && hits > (best?.hits ?? 0)) best = { rule, hits };
  }
  return best?.rule;
}

const KNOWN: readonly RenameRule[] = [
  { pattern: '^module\\.', to: '' },
  { pattern: '(^|\\.)_orig_mod\\.', to: '$1' },
  { pattern: '\\.value$', to: '' },
];

function listRules({ missing, ...report }: LoadReport): readonly RenameRule[] {
  const [spare] = spareOf({ missing, ...report });
  const prefixes = new Set<string>();
  for (const key of spareOf({ missing, ...report }).slice(0, SAMPLE))
    for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) prefixes.add(key.slice(0, dot + 1));
  const stripped = [...prefixes].map((prefix): RenameRule => ({ pattern: `^${escapePattern(prefix)}`, to: '' }));
  const added = new Set(
    missing
      .slice(0, SAMPLE)
      .flatMap((key) => (spare && key.endsWith(`.${spare}`) ? [key.slice(0, -spare.length)] : [])),
  );
  const prepended = [...added].map((prefix): RenameRule => ({ pattern: '^', to: prefix.replaceAll('$', '$$$$') }));
  return [...KNOWN, ...stripped, ...prepended];
}

/** Prefixes are taken from so many keys: what is before all is before these. */
const SAMPLE = 16;

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Missing keys with the spare key most like them, where that is one for one and its value would fit. */
function pairByLikeness(target: Outline, source: Outline, { suggestions }: LoadReport): ReadonlyMap<string, string> {
  const [places, entries] = [target, source].map((side) => new Map(side.entries.map((entry) => [entry.key, entry])));
  const fits = (place: OutlineEntry | undefined, entry: OutlineEntry | undefined): boolean =>
    place !== undefined && entry !== undefined && compareValues(place, entry).every(({ what }) => what === 'dtype');
  const wanted = new Map<string, string[]>();
  for (const { key, candidates } of suggestions) {
    const meant = candidates.find((candidate) => fits(places?.get(key), entries?.get(candidate)));
    if (meant !== undefined && meant !== key) wanted.set(meant, [...(wanted.get(meant) ?? []), key]);
  }
  return new Map(
    [...wanted].flatMap(([key, [to, ...others]]) => (to !== undefined && others.length === 0 ? [[key, to]] : [])),
  );
}

/** Casts, one for each type, and reshapes. torch casts by itself. */
function fitValues({ mismatched }: LoadReport, { dtype }: LoadPolicy): readonly Edit[] {
  const casts = new Map<string, string[]>();
  const reshapes: Edit[] = [];
  for (const { remedy } of mismatched) {
    if (remedy?.op === 'reshape') reshapes.push(remedy);
    if (remedy?.op !== 'cast' || dtype === 'cast') continue;
    const { keys, dtype: to } = remedy.args as { readonly keys: readonly string[]; readonly dtype: string };
    casts.set(to, [...(casts.get(to) ?? []), ...keys]);
  }
  return [...[...casts].map(([to, keys]): Edit => ({ op: 'cast', args: { keys, dtype: to } })), ...reshapes];
}
