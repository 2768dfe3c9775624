import { useEffect, useState } from 'react';
import { type LoraOffer, listLoras, openBaking } from '../state/baking.ts';
import { useDocument } from '../state/compare.ts';
import type { DocumentId } from '../state/engine.ts';
import { Button } from '../ui/Button.tsx';
import { plural } from '../ui/format.ts';
import dialogs from './dialogs.module.css';
import s from './TensorDialog.module.css';

/** Open documents that are no whole model but updates of this one: they are baked, not merged. */
export function LoraOffers({ document }: { readonly document: DocumentId }) {
  const target = useDocument(document);
  const [offers, setOffers] = useState<readonly LoraOffer[]>([]);
  useEffect(() => {
    let isWanted = true;
    void listLoras(document).then((found) => isWanted && setOffers(found));
    return () => {
      isWanted = false;
    };
  }, [document]);
  if (!target || offers.length === 0) return null;
  return (
    <ul className={`${dialogs.list} ${s.pairs}`} aria-label="LoRA updates">
      {offers.map(({ lora, count }) => (
        <li key={lora.id}>
          <span>
            {lora.id === document ? 'A' : <span className="mono">{lora.name}</span>} holds LoRA updates of{' '}
            {plural(count, 'weight')} of A
          </span>
          <Button look="link" onClick={() => void openBaking(target, lora)}>
            Bake LoRA…
          </Button>
        </li>
      ))}
    </ul>
  );
}
