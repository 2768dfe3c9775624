import { useMemo } from 'react';
import { type MergeRegion, mergeTexts, textOfMerge } from '../../../src-core/index.ts';
import type { EntryDetail } from '../../state/engine.ts';
import { entryDetail } from '../../state/resources.ts';
import { textOfValue } from '../../state/value-text.ts';
import { Answer } from '../../ui/Answer.tsx';
import { guessLanguage } from '../../ui/code-languages.ts';
import { DiffEditor } from '../../ui/DiffEditor.tsx';
import { plural } from '../../ui/format.ts';
import s from './diff.module.css';
import type { SideEntry } from './diff-sides.ts';

interface MergedTextProps {
  readonly base: SideEntry;
  readonly a: SideEntry;
  readonly b: SideEntry;
}

/** Three texts as one: merged where that can be, else with what is in conflict beside one another. */
export function MergedText({ base, a, b }: MergedTextProps) {
  const [was, inA, inB] = [base, a, b].map(({ document, entry }) => entryDetail(document, entry)) as [
    Promise<EntryDetail>,
    Promise<EntryDetail>,
    Promise<EntryDetail>,
  ];
  const all = useMemo(() => Promise.all([was, inA, inB]), [was, inA, inB]);
  return <Answer to={all}>{(details) => <Merged details={details} />}</Answer>;
}

function Merged({ details }: { readonly details: readonly [EntryDetail, EntryDetail, EntryDetail] }) {
  const [base, a, b] = details.map(({ entry }) => textOfValue(entry.value)) as [string, string, string];
  const regions = useMemo(() => mergeTexts(base, a, b), [base, a, b]);
  const merged = useMemo(() => textOfMerge(regions), [regions]);
  const { key } = details[1].entry;
  if (merged === undefined) return <Regions regions={regions} label={`Base, A and B of ${key}`} />;
  return (
    <div className={s.words}>
      <p className={s.note}>
        {merged === base
          ? 'Nobody changed a line.'
          : 'What the merge makes of the base: the changes of both, as no lines of them touch.'}
      </p>
      <div className={s.sheet}>
        <DiffEditor
          before={base}
          after={merged}
          language={guessLanguage(merged)}
          label={`Merge of ${key}`}
          sideBySide
          fill
        />
      </div>
    </div>
  );
}

const TITLES: Readonly<Record<MergeRegion['kind'], string>> = {
  same: '',
  a: 'Changed in A',
  b: 'Changed in B',
  both: 'Changed in both alike',
  conflict: 'Conflict',
};

function Regions({ regions, label }: { readonly regions: readonly MergeRegion[]; readonly label: string }) {
  const placed = placeRegions(regions);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className={s.regions} aria-label={label} tabIndex={0}>
      {placed.map(({ region, line }) => (
        <Region key={`${line} ${region.kind}`} region={region} line={line} />
      ))}
    </section>
  );
}

function Region({ region, line }: { readonly region: MergeRegion; readonly line: number }) {
  const { kind, base } = region;
  if (kind === 'same') return <Same lines={base} />;
  const sides =
    kind === 'conflict'
      ? (['base', 'a', 'b'] as const)
      : kind === 'b'
        ? (['base', 'b'] as const)
        : (['base', 'a'] as const);
  return (
    <article className={s.region} data-kind={kind}>
      <h2>
        {TITLES[kind]} <span>from line {line}</span>
      </h2>
      <div className={s.regionSides}>
        {sides.map((side) => (
          <figure key={side}>
            <figcaption data-side={kind === 'both' && side === 'a' ? undefined : side.toUpperCase()}>
              {side === 'base' ? 'base' : kind === 'both' ? 'A and B' : side.toUpperCase()}
            </figcaption>
            {region[side].length > 0 ? <pre>{region[side].join('')}</pre> : <p>nothing</p>}
          </figure>
        ))}
      </div>
    </article>
  );
}

/** Lines before and after a change that tell where it is. */
const CONTEXT = 2;

function Same({ lines }: { readonly lines: readonly string[] }) {
  if (lines.length <= 2 * CONTEXT + 1) return <pre className={s.same}>{lines.join('')}</pre>;
  return (
    <div className={s.same}>
      <pre>{lines.slice(0, CONTEXT).join('')}</pre>
      <p>{plural(lines.length - 2 * CONTEXT, 'line')} alike in all three</p>
      <pre>{lines.slice(-CONTEXT).join('')}</pre>
    </div>
  );
}

/** Lines of the base count; a region that only adds stands before the next of them. */
function placeRegions(regions: readonly MergeRegion[]): { readonly region: MergeRegion; readonly line: number }[] {
  let line = 1;
  return regions.map((region) => {
    const placed = { region, line };
    line += region.base.length;
    return placed;
  });
}
