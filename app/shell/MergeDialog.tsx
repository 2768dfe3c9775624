import { type FormEvent, useEffect, useState } from 'react';
import { useBase } from '../state/base.ts';
import { useCompare, useSide } from '../state/compare.ts';
import { cancelComputation } from '../state/computations.ts';
import type { ComparedDocument, MergeForecast } from '../state/engine.ts';
import { setFilter } from '../state/explorer.ts';
import { type MergePlanned, mergeIntoA, planMerging, setMergedMetadata, useMerging } from '../state/merging.ts';
import { wordWrong } from '../state/tensor-editing.ts';
import {
  compareWithBase,
  costOfThreeWay,
  type ThreeWayFound,
  threeWayKey,
  useThreeWayComputation,
} from '../state/three-way.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { plural } from '../ui/format.ts';
import { Segments } from '../ui/Segments.tsx';
import { ComputeBar } from '../views/ComputeBar.tsx';
import { sentenceOfMerge } from '../views/merge-words.ts';
import dialogs from './dialogs.module.css';
import { LoraOffers } from './LoraOffers.tsx';
import { MergeDecisions } from './MergeDecisions.tsx';
import s from './TensorDialog.module.css';
import { Notes } from './TensorOutcome.tsx';

/** Makes A what both sides made of the base: what is in conflict is decided here, or stays as A has it. */
export function MergeDialog({ onClose }: { readonly onClose: () => void }) {
  const comparison = useCompare((state) => state.comparison);
  const [a, b] = [useSide('a'), useSide('b')];
  const base = useBase();
  if (!comparison || !a || !b) return null;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Merge B into A"
      about={
        <>
          <span className="mono">{a.name}</span> gets what <span className="mono">{b.name}</span> changed
          {base ? (
            <>
              {' '}
              since <span className="mono">{base.name}</span>
            </>
          ) : (
            ''
          )}
          , as edits that can be undone. Files stay as they are until you save.
        </>
      }
    >
      <Prepared comparison={comparison} onClose={onClose} />
    </Dialog>
  );
}

interface MergeProps {
  readonly comparison: ComparedDocument;
  readonly onClose: () => void;
}

/** All values are compared first: at once where that is quick. */
function Prepared({ comparison, onClose }: MergeProps) {
  const base = useCompare((state) => state.base);
  const computation = useThreeWayComputation(comparison);
  const found = computation?.value?.base === base ? computation.value : undefined;
  const { bytes, isQuick } = costOfThreeWay(comparison);
  const isIdle = computation === undefined;
  useEffect(() => {
    if (isQuick && isIdle) void compareWithBase(comparison, false);
  }, [isQuick, isIdle, comparison]);
  if (found) return <MergeForm comparison={comparison} found={found} onClose={onClose} />;
  return (
    <div className={s.form}>
      <ComputeBar
        label={base === null ? 'Both sides against each other' : 'Both sides against the base'}
        verb={base === null ? 'Compare all values' : 'Compare with the base'}
        bytes={bytes}
        computation={computation}
        result=""
        onStart={() => void compareWithBase(comparison, true)}
        onCancel={() => cancelComputation(threeWayKey(comparison))}
      />
      <div className={dialogs.actions}>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </div>
  );
}

function MergeForm({ comparison, found, onClose }: MergeProps & { readonly found: ThreeWayFound }) {
  const { counts } = found;
  const planned = usePlan(comparison);
  const [failed, setFailed] = useState<string>();
  const forecast = planned && 'forecast' in planned ? planned.forecast : undefined;
  const wrong = failed ?? (planned && 'wrong' in planned ? planned.wrong : undefined);
  const left = forecast?.left.length ?? 0;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await mergeIntoA(comparison);
      // What nobody decided is looked at next.
      if (left > 0 && found.base !== null) setFilter(comparison.id, 'conflict:true');
      onClose();
    } catch (error) {
      setFailed(wordWrong(error));
    }
  };
  return (
    <form className={s.form} onSubmit={(event) => void submit(event)}>
      <p role="status">
        {found.base === null
          ? `Without a base nobody knows who changed what: ${counts.conflict === 0 ? 'nothing differs' : `what differs is a conflict, ${plural(counts.conflict, 'entry', 'entries')}`}.`
          : `${sentenceOfMerge(counts) ?? 'Nobody changed anything since the base'}.`}
      </p>
      <MergeDecisions comparison={comparison} found={found} />
      {forecast && forecast.metadata.length > 0 && <MetadataChoice forecast={forecast} hasBase={found.base !== null} />}
      {forecast && <Outcome forecast={forecast} />}
      <LoraOffers document={comparison.pairs.a} />
      <div className={dialogs.actions}>
        <span className={dialogs.note} data-bad={wrong !== undefined || undefined} role="alert">
          {wrong ??
            (left > 0 &&
              `${plural(left, 'conflict')} ${left === 1 ? 'stays' : 'stay'} as A has ${left === 1 ? 'it' : 'them'}`)}
        </span>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          type="submit"
          disabled={wrong !== undefined || !forecast || (forecast.titles.length === 0 && forecast.decided === 0)}
        >
          {forecast && forecast.titles.length > 0 ? `Merge: ${plural(forecast.titles.length, 'edit')}` : 'Merge'}
        </Button>
      </div>
    </form>
  );
}

/** Asked for anew with every decision. */
function usePlan(comparison: ComparedDocument): MergePlanned | undefined {
  const decisions = useMerging();
  const [planned, setPlanned] = useState<MergePlanned>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the plan is made of what was decided
  useEffect(() => {
    let isWanted = true;
    void planMerging(comparison).then((found) => isWanted && setPlanned(found));
    return () => {
      isWanted = false;
    };
  }, [comparison, decisions]);
  return planned;
}

function MetadataChoice({ forecast, hasBase }: { readonly forecast: MergeForecast; readonly hasBase: boolean }) {
  const chosen = useMerging(({ metadata }) => metadata);
  return (
    <div className={s.label}>
      Metadata that both changed: {forecast.metadata.join(', ')}
      <div className={s.acts}>
        <Segments
          label="Metadata that both changed"
          value={chosen}
          options={[
            ['a', 'A’s'] as const,
            ['b', 'B’s'] as const,
            ...(hasBase ? ([['base', 'The base’s']] as const) : []),
          ]}
          onChange={setMergedMetadata}
        />
      </div>
    </div>
  );
}

/** Edits that are named; a count stands for the rest. */
const SHOWN = 100;

function Outcome({ forecast: { titles, sameName } }: { readonly forecast: MergeForecast }) {
  const first = sameName[0];
  return (
    <>
      {titles.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled list must be reachable by keyboard
        <ol className={`${dialogs.list} ${s.pairs}`} aria-label="Edits of the merge" tabIndex={0}>
          {titles.slice(0, SHOWN).map((title, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an edit is its place
            <li key={i}>{title}</li>
          ))}
          {titles.length > SHOWN && <li>and {titles.length - SHOWN} more</li>}
        </ol>
      )}
      <Notes>
        {first !== undefined &&
          `${first}${sameName.length > 1 ? ` and ${sameName.length - 1} more` : ''}: B adds it under a name that another entry has, so it is left out.`}
      </Notes>
    </>
  );
}
