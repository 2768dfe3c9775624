import { useEffect, useState } from 'react';
import type { TemplateKind } from '../../../src-core/index.ts';
import { type PromptPreview, previewPrompt, type Samples } from '../../state/prompts.ts';

interface PromptText {
  /** As it is typed now. */
  readonly text: string;
  readonly asRead: string | undefined;
  readonly kind: TemplateKind | undefined;
  readonly samples: Samples;
}

/** Keys that come quickly are answered together. */
const PAUSE_MS = 30;

/** What a prompt comes to, as one types; the answer before stands until the next is there. */
export function usePromptPreview({ text, asRead, kind, samples }: PromptText): PromptPreview | null {
  const [preview, setPreview] = useState<PromptPreview | null>(null);
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      previewPrompt({ text, asRead, kind, samples }).then(
        (found) => wanted && setPreview(found),
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [text, asRead, kind, samples]);
  return preview;
}
