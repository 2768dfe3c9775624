import { currentLink } from '../state/address-bar.ts';
import { comparisonOf } from '../state/compare.ts';
import { writeLink } from '../state/deep-link.ts';
import { redo, undo } from '../state/edits.ts';
import { chooseFace, chooseView, type Explorer, entryOf, expandAll, explorerOf, setFilter } from '../state/explorer.ts';
import { openExport } from '../state/export.ts';
import { keyBeforePalette } from '../state/palette.ts';
import { openRename } from '../state/renaming.ts';
import { openSave } from '../state/save.ts';
import { changeSettings, type Theme } from '../state/settings.ts';
import { keyOfNode } from '../state/tree-labels.ts';
import { activate, closeDocument, goTo, showDialog, showPane, useWorkspace } from '../state/workspace.ts';
import { mainViews } from '../views/registry.ts';
import { type Command, MOD } from './command.ts';
import { compareCommands } from './compare-commands.ts';
import { editCommands } from './edit-commands.ts';
import { pickFiles, pickFolder } from './pick-files.ts';

const THEMES: readonly (readonly [Theme, string])[] = [
  ['light', 'Light theme'],
  ['dark', 'Dark theme'],
  ['system', 'Theme of the system'],
];

/** Everything a button does, by name. Built when the palette opens, so that only what applies now is in it. */
export function commands(): readonly Command[] {
  const list: Command[] = [
    { id: 'open-files', title: 'Open files…', group: 'Open', keys: `${MOD}O`, run: () => void pickFiles() },
    { id: 'open-folder', title: 'Open a folder…', group: 'Open', run: () => void pickFolder() },
    { id: 'open-url', title: 'Open a URL or a Hugging Face repo…', group: 'Open', run: () => showDialog('url') },
    { id: 'paste', title: 'Paste text…', group: 'Open', run: () => showDialog('paste') },
  ];
  const { documents, active } = useWorkspace.getState();
  list.push(...compareCommands());
  const shown = comparisonOf()?.id ?? active;
  const explorer = shown === null ? undefined : explorerOf(shown);
  if (explorer) {
    const { document, selected, filter, face } = explorer;
    for (const view of mainViews({ document, node: selected })) {
      list.push({
        id: `view-${view.id}`,
        title: view.title,
        group: 'Go to',
        run: () => chooseView(document.id, view.id),
      });
    }
    if (selected !== 0) {
      for (const view of mainViews({ document, node: 0 })) {
        list.push({
          id: `document-${view.id}`,
          title: `${view.title} of ${document.name}`,
          group: 'Go to',
          run: () => goTo(document.id, 0, view.id),
        });
      }
    }
    for (const other of document.pairs ? [] : documents) {
      if (other.id === active) continue;
      list.push({
        id: `switch-${other.id}`,
        title: `Switch to ${other.name}`,
        group: 'Document',
        run: () => activate(other.id),
      });
    }
    if (!document.pairs) list.push(...documentCommands(explorer));
    list.push(
      {
        id: 'copy-link',
        title: 'Copy link to this place',
        group: 'Document',
        run: () => void navigator.clipboard.writeText(location.href.replace(/#.*$/, '') + writeLink(currentLink())),
      },
      { id: 'filter', title: 'Filter entries', group: 'Explorer', keys: '/', run: focusFilter },
      { id: 'expand', title: 'Expand all', group: 'Explorer', run: () => expandAll(document.id, true) },
      { id: 'collapse', title: 'Collapse all', group: 'Explorer', run: () => expandAll(document.id, false) },
      face === 'tree'
        ? {
            id: 'face',
            title: 'Show entries as a table',
            group: 'Explorer',
            run: () => chooseFace(document.id, 'table'),
          }
        : {
            id: 'face',
            title: 'Show modules as a tree',
            group: 'Explorer',
            run: () => chooseFace(document.id, 'tree'),
          },
    );
    if (filter) {
      list.push({
        id: 'clear-filter',
        title: 'Clear the filter',
        group: 'Explorer',
        run: () => setFilter(document.id, ''),
      });
    }
  }
  for (const [theme, title] of THEMES) {
    list.push({ id: `theme-${theme}`, title, group: 'Page', run: () => changeSettings({ theme }) });
  }
  return list;
}

/** What can be done to a document and to what is selected in it. */
function documentCommands({ document, selected }: Explorer): readonly Command[] {
  const { id, name, summary } = document;
  return [
    ...(summary.tensors > 0
      ? [{ id: 'export', title: 'Export tensors…', group: 'Document', run: () => openExport(document) } as const]
      : []),
    ...editCommands(document, selected),
    { id: 'close', title: `Close ${name}`, group: 'Document', run: () => void closeDocument(id) },
  ];
}

function activeDocument() {
  const { active } = useWorkspace.getState();
  return active === null ? undefined : explorerOf(active)?.document;
}

export function focusFilter(): void {
  showPane('explorer');
  // A narrow window shows the explorer only after this event.
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-filter]')?.focus());
}

/** Keys that work anywhere. Returns the way to stop. */
export function listenForKeys(): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    const mod = event.metaKey || event.ctrlKey;
    const { dialog } = useWorkspace.getState();
    const key = event.key.toLowerCase();
    if (mod && !event.shiftKey && !event.altKey && key === 'k') {
      event.preventDefault();
      showDialog(dialog === 'commands' ? null : 'commands');
    } else if (mod && !event.shiftKey && !event.altKey && key === 'o') {
      event.preventDefault();
      void pickFiles();
    } else if (mod && !event.altKey && key === 's') {
      event.preventDefault();
      const document = activeDocument();
      if (document) void openSave(document);
    } else if (mod && !event.altKey && (key === 'z' || key === 'y') && !isTyping(event.target)) {
      event.preventDefault();
      const document = activeDocument();
      if (document) void (key === 'y' || event.shiftKey ? redo(document.id) : undo(document.id));
    } else if (event.key === 'F2' && !mod && dialog === null) {
      const document = activeDocument();
      const node = document ? (explorerOf(document.id)?.selected ?? 0) : 0;
      if (!document || entryOf(document, node) === undefined) return;
      event.preventDefault();
      openRename(document.id, keyOfNode(document.tree, node), 'one');
    } else if (event.key === '/' && !mod && !isTyping(event.target) && useWorkspace.getState().active !== null) {
      event.preventDefault();
      focusFilter();
    }
  };
  /** The palette is asked for and has not taken the focus yet: its keys must not go to what has. */
  const onEarlyKey = (event: KeyboardEvent) => {
    if (useWorkspace.getState().dialog !== 'commands' || event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest('[role="dialog"]')) return;
    if (event.key === 'Escape') showDialog(null);
    else if (!keyBeforePalette(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener('keydown', onKeyDown);
  addEventListener('keydown', onEarlyKey, true);
  return () => {
    removeEventListener('keydown', onKeyDown);
    removeEventListener('keydown', onEarlyKey, true);
  };
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('input, textarea, [contenteditable], [role="code"], [role="dialog"]') !== null;
