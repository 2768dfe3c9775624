import { Command } from 'cmdk';
import { CornerDownLeft, Hash, Search } from 'lucide-react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useCompare } from '../state/compare.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { takeEnter, typePalette, usePalette } from '../state/palette.ts';
import { searchEntries } from '../state/search.ts';
import { goTo, useWorkspace } from '../state/workspace.ts';
import s from './CommandPalette.module.css';
import type { Command as CommandItem } from './command.ts';
import { commands } from './commands.ts';
import { proposedCommands } from './proposed-commands.ts';

interface Found {
  readonly row: number;
  readonly key: string;
}

/** The entries of an answer, and the words they answer. */
interface Answered {
  readonly to: string;
  readonly entries: readonly Found[];
}

/** Every command and every entry by a few letters of its name. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }) {
  const active = useWorkspace((state) => state.documents.find((d) => d.id === state.active));
  const document = useCompare(({ comparison }) => comparison) ?? active;
  const text = usePalette((state) => state.text);
  const enter = usePalette((state) => state.enter);
  const [answered, setAnswered] = useState<Answered>({ to: '', entries: [] });
  const found = answered.entries;
  const now = useMemo(commands, []);
  const proposed = useProposed(document?.pairs ? undefined : document);
  const all = useMemo(() => [...now, ...(proposed ?? [])], [now, proposed]);
  const list = useMemo(() => matching(all, text), [all, text]);
  const [chosen, setChosen] = useState('');
  const firstCommand = list[0]?.title;
  const firstFound = found[0]?.row;
  // Enter always has something under it: the first of what is listed, whenever the list changes.
  useEffect(() => {
    setChosen(firstCommand ?? (firstFound === undefined ? '' : `entry ${firstFound}`));
  }, [firstCommand, firstFound]);
  const groups = [...new Set(list.map((command) => command.group))];

  useEffect(() => {
    if (!document || text.trim() === '') {
      setAnswered({ to: text, entries: [] });
      return;
    }
    let late = false;
    const timer = setTimeout(() => {
      void searchEntries(document.id, text).then((entries) => late || setAnswered({ to: text, entries }));
    }, 50);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [document, text]);

  const run = (action: () => void) => {
    onClose();
    action();
  };
  const goToEntry = (row: number) => document && run(() => goTo(document.id, document.tree.nodeOfEntry[row]!));

  // Enter may come before the list does: it is for the first of what was asked for, not of what was listed before.
  const moved = useRef(false);
  const isLate = (answered.to !== text || proposed === null) && list.length === 0;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') moved.current = true;
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || !isLate || moved.current) return;
    event.preventDefault();
    usePalette.setState({ enter: true });
  };
  useEffect(() => {
    if (!enter || isLate) return;
    takeEnter();
    if (text.trim() === '') return;
    const first = list[0];
    if (first) run(first.run);
    else if (found[0]) goToEntry(found[0].row);
  });

  return (
    <Command.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label="Search entries and commands"
      overlayClassName={s.scrim ?? ''}
      contentClassName={s.content ?? ''}
      shouldFilter={false}
      value={chosen}
      onValueChange={setChosen}
      onKeyDown={onKeyDown}
      loop
    >
      <div className={s.field}>
        <Search size={16} aria-hidden="true" />
        <Command.Input
          value={text}
          onValueChange={(next) => {
            moved.current = false;
            typePalette(next);
          }}
          placeholder={document ? `Search ${document.name} and commands` : 'Search commands'}
        />
      </div>
      <Command.List className={s.list}>
        {found.length + list.length === 0 && (
          <p className={s.empty}>{isLate ? 'Searching…' : 'Nothing by that name.'}</p>
        )}
        {groups.map((group) => (
          <Command.Group key={group} heading={group} className={s.group}>
            {list
              .filter((command) => command.group === group)
              .map((command) => (
                <Command.Item
                  key={command.id}
                  value={command.title}
                  className={s.item}
                  onSelect={() => run(command.run)}
                >
                  <span>{command.title}</span>
                  {command.keys && <kbd>{command.keys}</kbd>}
                </Command.Item>
              ))}
          </Command.Group>
        ))}
        {found.length > 0 && document && (
          <Command.Group heading="Entries" className={s.group}>
            {found.map(({ row, key }) => (
              <Command.Item key={row} value={`entry ${row}`} className={s.item} onSelect={() => goToEntry(row)}>
                <Hash size={14} aria-hidden="true" />
                <span className="mono">{key}</span>
                <CornerDownLeft size={13} aria-hidden="true" className={s.enter} />
              </Command.Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
    </Command.Dialog>
  );
}

/** What would change something in the document: it is found out when the palette opens. Null until then. */
function useProposed(document: OpenedDocument | undefined): readonly CommandItem[] | null {
  const [proposed, setProposed] = useState<readonly CommandItem[] | null>(document === undefined ? [] : null);
  useEffect(() => {
    if (document === undefined) return;
    let wanted = true;
    void proposedCommands(document).then((found) => wanted && setProposed(found));
    return () => {
      wanted = false;
    };
  }, [document]);
  return proposed;
}

/** Commands that have every typed word somewhere in their name. */
function matching(all: readonly CommandItem[], text: string): readonly CommandItem[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((command) => words.every((word) => command.title.toLowerCase().includes(word)));
}
