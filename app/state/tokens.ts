import { useEffect, useState } from 'react';
import { type ErrorInfo, toErrorInfo } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import type { EncodedText } from '../engine/run-api.ts';
import { encodedText, tokenNames } from './resources.ts';

export interface Encoding {
  readonly encoded?: EncodedText;
  readonly error?: ErrorInfo;
}

/** The tokens of a text; those of the text before stay until they are known. */
export function useEncodedText(document: DocumentId, text: string): Encoding {
  const [known, setKnown] = useState<Encoding>({});
  useEffect(() => {
    let isCurrent = true;
    encodedText(document, text).then(
      (encoded) => isCurrent && setKnown({ encoded }),
      (error: unknown) => isCurrent && setKnown({ error: toErrorInfo(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [document, text]);
  return known;
}

/** What tokens are called, as soon as it is known; null for those without a name. */
export function useTokenNames(
  document: DocumentId | undefined,
  ids: readonly number[],
): readonly (string | null)[] | undefined {
  const [known, setKnown] = useState<{ readonly of: string; readonly names: readonly (string | null)[] }>();
  const asked = ids.join();
  useEffect(() => {
    if (document === undefined || asked === '') return;
    let isCurrent = true;
    const tokens = asked.split(',').map(Number);
    tokenNames(document, tokens)
      .catch(() => tokens.map(() => null))
      .then((names) => isCurrent && setKnown({ of: asked, names }));
    return () => {
      isCurrent = false;
    };
  }, [document, asked]);
  return known?.of === asked ? known.names : undefined;
}
