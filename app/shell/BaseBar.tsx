import { ChevronDown, GitMerge, Plus, X } from 'lucide-react';
import { chooseBase, clearBase, useBase } from '../state/base.ts';
import { useSide } from '../state/compare.ts';
import { cancelComputation } from '../state/computations.ts';
import type { ComparedDocument } from '../state/engine.ts';
import { setFilter, useExplorer } from '../state/explorer.ts';
import { openMerging } from '../state/merging.ts';
import {
  compareWithBase,
  costOfThreeWay,
  threeWayKey,
  useMergeCounts,
  useThreeWayComputation,
} from '../state/three-way.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Button } from '../ui/Button.tsx';
import { bytesText, exactCount } from '../ui/format.ts';
import { Menu, MenuItem, MenuLine } from '../ui/Menu.tsx';
import { ComputeBar } from '../views/ComputeBar.tsx';
import s from './BaseBar.module.css';
import { pickBase } from './pick-files.ts';

/** What both sides come from, what they made of it, and the way to one of both. */
export function BaseBar({ comparison }: { readonly comparison: ComparedDocument }) {
  const base = useBase();
  return (
    <section className={s.bar} aria-label="Base and merge">
      <div className={s.row}>
        <BaseChoice />
        <Button look="quiet" className={s.merge} onClick={openMerging}>
          <GitMerge size={14} aria-hidden="true" />
          Merge…
        </Button>
      </div>
      {base && <Verdicts comparison={comparison} />}
    </section>
  );
}

function BaseChoice() {
  const documents = useWorkspace((state) => state.documents);
  const base = useBase();
  const [a, b] = [useSide('a'), useSide('b')];
  const offered = documents.filter((document) => base || (document !== a && document !== b));
  const hintOf = (document: (typeof documents)[number]) =>
    document === a ? 'swaps with A' : document === b ? 'swaps with B' : bytesText(document.summary.bytes);
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className={s.base} title={base?.name ?? 'What A and B both come from'}>
          <span>
            <span className={s.soft}>Base:</span> {base?.name ?? 'none'}
          </span>
          <ChevronDown size={13} aria-hidden="true" />
        </button>
      }
    >
      {offered.map((document) => (
        <MenuItem
          key={document.id}
          icon={document === base ? <span className={s.dot} role="img" aria-label="chosen" /> : undefined}
          hint={hintOf(document)}
          onSelect={() => chooseBase(document.id)}
        >
          {document.name}
        </MenuItem>
      ))}
      {offered.length > 0 && <MenuLine />}
      <MenuItem icon={<Plus size={14} aria-hidden="true" />} onSelect={() => void pickBase()}>
        Open the base…
      </MenuItem>
      {base && (
        <MenuItem icon={<X size={14} aria-hidden="true" />} onSelect={clearBase}>
          No base
        </MenuItem>
      )}
    </Menu>
  );
}

/** What is known of the base, each a filter; how far it is while it is not. */
function Verdicts({ comparison }: { readonly comparison: ComparedDocument }) {
  const counts = useMergeCounts(comparison, 0);
  const computation = useThreeWayComputation(comparison);
  const filter = useExplorer(comparison.id)?.filter.trim() ?? '';
  if (!counts) {
    const { bytes } = costOfThreeWay(comparison);
    return (
      <ComputeBar
        label="Both sides against the base"
        verb="Compare with the base"
        bytes={bytes}
        computation={computation}
        result=""
        onStart={() => void compareWithBase(comparison, true)}
        onCancel={() => cancelComputation(threeWayKey(comparison))}
      />
    );
  }
  const chips = [
    [counts.conflict, counts.conflict === 1 ? 'conflict' : 'conflicts', 'conflict:true', 'bad'],
    [counts.a, 'in A', 'by:a', 'accent'],
    [counts.b, 'in B', 'by:b', 'warn'],
    [counts.both, 'in both', 'by:both', 'plain'],
    [counts.merged, 'to merge', 'by:merged', 'plain'],
  ] as const;
  return (
    <ul className={s.chips} aria-label="Changed since the base">
      {chips.map(
        ([count, words, query, tone]) =>
          (count > 0 || tone === 'bad' || query === filter) && (
            <li key={query}>
              <button
                type="button"
                className={s.chip}
                data-tone={count > 0 ? tone : undefined}
                aria-pressed={filter === query}
                title={`Filter: ${query}`}
                onClick={() => setFilter(comparison.id, filter === query ? '' : query)}
              >
                <b>{exactCount(count)}</b> {words}
              </button>
            </li>
          ),
      )}
    </ul>
  );
}
