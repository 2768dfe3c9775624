import { ArrowLeftRight, X } from 'lucide-react';
import { startComparing } from '../state/compare.ts';
import { dismissTogether, useWorkspace } from '../state/workspace.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import s from './DraftBanner.module.css';

/** Two models that came together: most often somebody wants to know how they differ. */
export function CompareBanner() {
  const together = useWorkspace((state) => state.together);
  const documents = useWorkspace((state) => state.documents);
  const [a, b] = documents.filter(({ id }) => together.includes(id));
  if (together.length !== 2 || !a || !b) return null;
  return (
    <section className={s.banner} aria-label="Opened together">
      <ArrowLeftRight size={15} aria-hidden="true" />
      <p>
        <b>{a.name}</b> and <b>{b.name}</b> were opened together.
      </p>
      <Button look="primary" onClick={() => void startComparing({ a: a.id, b: b.id })}>
        Compare
      </Button>
      <IconButton label="Do not compare" onClick={dismissTogether}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </section>
  );
}
