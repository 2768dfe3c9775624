import { FileDown, X } from 'lucide-react';
import { chooseBase, dismissArrived } from '../state/base.ts';
import { useCompare } from '../state/compare.ts';
import { activate, useWorkspace } from '../state/workspace.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import s from './DraftBanner.module.css';

/** A third model came while two are compared: most often somebody has what both come from. */
export function ArrivedBanner() {
  const arrived = useCompare((state) => state.arrived);
  const document = useWorkspace(({ documents }) => documents.find(({ id }) => id === arrived));
  if (!document) return null;
  return (
    <section className={s.banner} aria-label="Opened while comparing">
      <FileDown size={15} aria-hidden="true" />
      <p>
        <b>{document.name}</b> was opened. Do A and B come from it?
      </p>
      <Button look="primary" onClick={() => chooseBase(document.id)}>
        Use as base
      </Button>
      <Button onClick={() => activate(document.id)}>Show it</Button>
      <IconButton label="Go on comparing" onClick={dismissArrived}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </section>
  );
}
