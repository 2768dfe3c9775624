import { useEffect, useState } from 'react';
import type { TemplateKind } from '../../src-core/index.ts';
import { type PromptPreview, previewPrompt, type Samples } from '../state/prompts.ts';

interface PromptText {
  /** Whose text it is. */
  readonly of: string;
  /** As it is typed now. */
  readonly text: string;
  readonly asRead: string | undefined;
  readonly kind: TemplateKind | undefined;
  readonly samples: Samples;
}

/** Keys that come quickly are answered together. */
const PAUSE_MS = 30;

/** What a prompt comes to, as one types; the answer before stands until the next is there. */
export function usePromptPreview({ of, text, asRead, kind, samples }: PromptText): PromptPreview | null {
  const [known, setKnown] = useState<{ readonly of: string; readonly preview: PromptPreview } | null>(null);
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      previewPrompt({ text, asRead, kind, samples }).then(
        (found) =>
          wanted &&
          setKnown((before) => ({ of, preview: keepFields(before?.of === of ? before.preview : null, found) })),
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [of, text, asRead, kind, samples]);
  return known?.preview ?? null;
}

/** While a text is half typed nobody knows its variables: those it had stay in view. */
const keepFields = (before: PromptPreview | null, found: PromptPreview): PromptPreview =>
  before && found.detected.error ? { ...found, fields: before.fields } : found;
