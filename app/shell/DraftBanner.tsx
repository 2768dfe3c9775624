import { FileClock } from 'lucide-react';
import { toErrorInfo } from '../../src-core/index.ts';
import { type DraftOffer, discardDraft, donorsOfDraft, restoreDraft, useDrafts } from '../state/drafts.ts';
import type { DocumentId } from '../state/engine.ts';
import { addNotice, useWorkspace } from '../state/workspace.ts';
import { Button } from '../ui/Button.tsx';
import { plural } from '../ui/format.ts';
import s from './DraftBanner.module.css';
import { pickBeside } from './pick-files.ts';

/** Edits of an earlier visit that no file holds: never applied unasked. */
export function DraftBanner({ document }: { readonly document: DocumentId }) {
  const offer = useDrafts(({ offers }) => offers.find((one) => one.document === document));
  return offer ? <Offer offer={offer} /> : null;
}

function Offer({ offer }: { readonly offer: DraftOffer }) {
  const documents = useWorkspace((state) => state.documents);
  const offers = useDrafts((state) => state.offers);
  const { found, missing } = donorsOfDraft(offer, documents);
  const givers = Object.values(found);
  const unrestored = offers.filter((one) => givers.includes(one.document));
  const isOne = offer.edits.length === 1;
  const count = plural(offer.edits.length, 'edit');
  const when = new Date(offer.when).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
  const restore = () =>
    restoreDraft(offer).catch((error: unknown) => addNotice({ file: offer.name, error: toErrorInfo(error) }));
  return (
    <section className={s.banner} aria-label="Unsaved edits">
      <FileClock size={15} aria-hidden="true" />
      <p>
        {count} of {when} {isOne ? 'was' : 'were'} never saved.
        {!offer.fits && ' The file has changed since: they may not fit it any more.'}
        {missing.length > 0 && (
          <>
            {' '}
            {isOne ? 'It takes' : 'They take'} values from <span className="mono">{missing.join(', ')}</span>: open{' '}
            {missing.length === 1 ? 'that' : 'them'} too, then {isOne ? 'it' : 'they'} can be restored.
          </>
        )}
        {unrestored.length > 0 && (
          <>
            {' '}
            <span className="mono">{unrestored.map(({ name }) => name).join(', ')}</span>, which{' '}
            {isOne ? 'it takes' : 'they take'} values from, has unsaved edits of its own: decide on those first.
          </>
        )}
      </p>
      <Button onClick={() => void discardDraft(offer)}>Discard</Button>
      {missing.length > 0 ? (
        <Button look="primary" onClick={() => void pickBeside(offer.document)}>
          Open files…
        </Button>
      ) : (
        <Button look={offer.fits ? 'primary' : 'plain'} disabled={unrestored.length > 0} onClick={() => void restore()}>
          {offer.fits ? 'Restore' : 'Try them on this file'}
        </Button>
      )}
    </section>
  );
}
