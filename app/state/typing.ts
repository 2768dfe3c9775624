import { create } from 'zustand';
import { type ErrorInfo, toErrorInfo } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';

/** What is being typed becomes an edit after a pause this long. */
const PAUSE_MS = 500;

interface Typed {
  readonly document: DocumentId;
  readonly key: string;
  readonly text: string;
}

/** Makes the edit. `amend`: the typing goes on since the last one. */
export type Commit = (text: string, amend: boolean) => Promise<void>;

interface TypingState {
  /** Why what was typed is no edit: it is no JSON, for instance. Of the text that is typed in now. */
  readonly error: ErrorInfo | null;
}

export const useTyping = create<TypingState>(() => ({ error: null }));

let pending: (Typed & { readonly commit: Commit; readonly timer: ReturnType<typeof setTimeout> }) | undefined;
/** Where the last edit by typing was made, while nothing else was done since. */
let burst: { readonly document: DocumentId; readonly key: string } | undefined;

/** Takes what was typed so far. What was typed elsewhere before is made an edit first. */
export function typeText(typed: Typed, commit: Commit): void {
  if (pending && (pending.document !== typed.document || pending.key !== typed.key)) void flushTyping();
  else if (pending) clearTimeout(pending.timer);
  pending = { ...typed, commit, timer: setTimeout(() => void flush(), PAUSE_MS) };
}

async function flush(): Promise<void> {
  if (!pending) return;
  const { document, key, text, commit, timer } = pending;
  clearTimeout(timer);
  pending = undefined;
  const amend = burst?.document === document && burst.key === key;
  burst = { document, key };
  try {
    await commit(text, amend);
    useTyping.setState({ error: null });
  } catch (error) {
    burst = undefined;
    useTyping.setState({ error: toErrorInfo(error) });
  }
}

/** Makes what was typed an edit now, and ends it: what is typed next is another edit. */
export async function flushTyping(): Promise<void> {
  await flush();
  burst = undefined;
}

/** Another text is looked at: what was wrong with the one before is no matter any more. */
export const clearTypingError = (): void => useTyping.setState({ error: null });
