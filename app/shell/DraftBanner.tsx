import { FileClock } from 'lucide-react';
import { toErrorInfo } from '../../src-core/index.ts';
import { discardDraft, restoreDraft, useDrafts } from '../state/drafts.ts';
import type { DocumentId } from '../state/engine.ts';
import { addNotice } from '../state/workspace.ts';
import { Button } from '../ui/Button.tsx';
import { plural } from '../ui/format.ts';
import s from './DraftBanner.module.css';

/** Edits of an earlier visit that no file holds: never applied unasked. */
export function DraftBanner({ document }: { readonly document: DocumentId }) {
  const offer = useDrafts(({ offers }) => offers.find((one) => one.document === document));
  if (!offer) return null;
  const count = plural(offer.edits.length, 'edit');
  const when = new Date(offer.when).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
  const restore = () =>
    restoreDraft(offer).catch((error: unknown) => addNotice({ file: offer.name, error: toErrorInfo(error) }));
  return (
    <section className={s.banner} aria-label="Unsaved edits">
      <FileClock size={15} aria-hidden="true" />
      <p>
        {count} of {when} {offer.edits.length === 1 ? 'was' : 'were'} never saved.
        {!offer.fits && ' The file has changed since: they may not fit it any more.'}
      </p>
      <Button onClick={() => void discardDraft(offer)}>Discard</Button>
      <Button look={offer.fits ? 'primary' : 'plain'} onClick={() => void restore()}>
        {offer.fits ? 'Restore' : 'Try them on this file'}
      </Button>
    </section>
  );
}
