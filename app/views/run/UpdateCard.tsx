import { useEffect, useState } from 'react';
import type { RunTensor } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { currentValue, takeUpdate } from '../../state/run-updates.ts';
import { Button } from '../../ui/Button.tsx';
import { OutputCard } from './OutputCard.tsx';

interface UpdateCardProps {
  readonly document: OpenedDocument;
  /** Of the entry. */
  readonly path: string;
  readonly tensor: RunTensor;
}

/** A state that the run would leave behind, against the one there is: it can be taken as an edit. */
export function UpdateCard({ document, path, tensor }: UpdateCardProps) {
  const [now, setNow] = useState<RunTensor>();
  useEffect(() => {
    let isCurrent = true;
    currentValue(document, path).then(
      (value) => isCurrent && setNow(value),
      // What cannot be read is not compared.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [document, path]);
  return (
    <OutputCard
      label={path}
      tensor={tensor}
      other={now}
      note={
        <Button look="link" onClick={() => void takeUpdate(document, path, tensor)}>
          Take as its new value
        </Button>
      }
    />
  );
}
