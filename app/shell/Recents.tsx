import { Boxes, FileClock, Folder, Globe, X } from 'lucide-react';
import { useState } from 'react';
import { forgetRecent, type Recent, useRecents } from '../state/recents.ts';
import { IconButton } from '../ui/Button.tsx';
import { bytesText } from '../ui/format.ts';
import s from './gallery.module.css';
import { openRecent } from './pick-files.ts';

/** What was opened before. A kept handle asks for permission on the click. */
export function Recents() {
  const recents = useRecents((state) => state.recents);
  const [refused, setRefused] = useState<string | null>(null);
  if (recents.length === 0) return null;
  const open = async (recent: Recent) => setRefused((await openRecent(recent)) ? null : recent.name);
  return (
    <section className={s.section} aria-label="Recent">
      <h2>Recent</h2>
      <ul className={s.recents}>
        {recents.map((recent) => (
          <li key={recent.name}>
            <button type="button" className={s.recent} onClick={() => void open(recent)}>
              <Sign recent={recent} />
              <span className={s.name}>{recent.name}</span>
              <span className={s.when}>
                {refused === recent.name
                  ? 'cannot be read now: drop it again'
                  : `${recent.size === undefined ? '' : `${bytesText(recent.size)} · `}${ago(recent.when)}`}
              </span>
            </button>
            <IconButton label={`Forget ${recent.name}`} onClick={() => void forgetRecent(recent.name)}>
              <X size={13} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  );
}

const SIGNS = { files: FileClock, folder: Folder, url: Globe, hub: Boxes } as const;

function Sign({ recent }: { readonly recent: Recent }) {
  const { kind } = recent.source;
  const Icon = SIGNS[kind];
  return <Icon size={14} aria-hidden="true" />;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

function ago(when: number): string {
  const passed = Date.now() - when;
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  for (const [unit, length] of UNITS) if (passed >= length) return words.format(-Math.floor(passed / length), unit);
  return 'just now';
}
