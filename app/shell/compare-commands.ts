import { chooseBase, clearBase } from '../state/base.ts';
import {
  chooseSide,
  compareWithSaved,
  comparisonOf,
  endComparing,
  startComparing,
  swapSides,
  useCompare,
} from '../state/compare.ts';
import { editLogOf } from '../state/edits.ts';
import { chooseFace, explorerOf } from '../state/explorer.ts';
import { openMerging } from '../state/merging.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { takeSide, whatCanBeTaken } from '../state/take-side.ts';
import { useWorkspace } from '../state/workspace.ts';
import type { Command } from './command.ts';
import { pickBase, pickToCompare } from './pick-files.ts';

const GROUP = 'Compare' as const;

/** What can be taken of the pair that is selected. */
function takeCommands(): readonly Command[] {
  const comparison = comparisonOf();
  const node = comparison && explorerOf(comparison.id)?.selected;
  if (!comparison || node === undefined || node === null) return [];
  const words = whatCanBeTaken(comparison, node);
  return (['a', 'b'] as const).map((side) => ({
    id: `take-${side}`,
    title: words[side],
    group: GROUP,
    run: () => void takeSide(comparison, node, side),
  }));
}

/** One tree or two, and which side is looked at. */
function faceCommands(): readonly Command[] {
  const comparison = comparisonOf();
  if (!comparison) return [];
  const { sideBySide } = useSettings.getState();
  const isTwo = sideBySide && explorerOf(comparison.id)?.face === 'tree';
  const show = (sideBySide: boolean) => {
    chooseFace(comparison.id, 'tree');
    changeSettings({ sideBySide });
  };
  return [
    isTwo
      ? { id: 'one-tree', title: 'Show one tree of both', group: GROUP, run: () => show(false) }
      : { id: 'two-trees', title: 'Show both trees side by side', group: GROUP, run: () => show(true) },
    { id: 'side-a', title: 'Look at A', group: GROUP, keys: 'Shift ←', run: () => chooseSide('a') },
    { id: 'side-b', title: 'Look at B', group: GROUP, keys: 'Shift →', run: () => chooseSide('b') },
  ];
}

/** What both sides may come from. */
function baseCommands(): readonly Command[] {
  const { pair, base } = useCompare.getState();
  const others = useWorkspace
    .getState()
    .documents.filter(({ id }) => id !== base && (base !== null || (id !== pair?.a && id !== pair?.b)));
  const named = others.map(({ id, name }) => ({
    id: `base-${id}`,
    title: `Base: ${name}`,
    group: GROUP,
    run: () => chooseBase(id),
  }));
  return [
    ...named,
    { id: 'base-open', title: 'Open the base…', group: GROUP, run: () => void pickBase() },
    ...(base === null ? [] : [{ id: 'base-none', title: 'No base', group: GROUP, run: clearBase } as const]),
  ] as const;
}

/** What can be compared with what is shown, or done to what is compared. */
export function compareCommands(): readonly Command[] {
  const { documents, active } = useWorkspace.getState();
  const { pair } = useCompare.getState();
  const shown = documents.find(({ id }) => id === active);
  if (!shown) return [];
  if (pair) {
    return [
      ...takeCommands(),
      ...faceCommands(),
      { id: 'merge', title: 'Merge B into A…', group: GROUP, run: openMerging },
      ...baseCommands(),
      { id: 'swap-sides', title: 'Swap sides', group: GROUP, run: swapSides },
      { id: 'end-comparing', title: 'End comparing', group: GROUP, run: endComparing },
    ];
  }
  const commands: Command[] = documents
    .filter((document) => document !== shown)
    .map(({ id, name }) => ({
      id: `compare-${id}`,
      title: `Compare with ${name}`,
      group: GROUP,
      run: () => void startComparing({ a: shown.id, b: id }),
    }));
  if (editLogOf(shown.id).cursor > 0) {
    commands.push({
      id: 'compare-saved',
      title: 'Compare with its saved state',
      group: GROUP,
      run: () => void compareWithSaved(shown),
    });
  }
  commands.push({
    id: 'compare-other',
    title: 'Compare with…',
    group: GROUP,
    run: () => void pickToCompare(shown.id),
  });
  return commands;
}
