import { useRef, useState } from 'react';
import { type ErrorInfo, type GeneratedToken, type RunDescription, toErrorInfo } from '../../src-core/index.ts';
import { engine, type OpenedDocument } from './engine.ts';
import { encodedText } from './resources.ts';
import { type RunForm, sampleOf } from './run.ts';
import { toTensor } from './run-samples.ts';
import { runTask } from './tasks.ts';

export interface Drawing {
  readonly count: number;
  readonly temperature: number;
  readonly seed: number;
}

export interface Generated {
  readonly tokens: readonly GeneratedToken[];
  readonly isRunning: boolean;
  readonly error?: ErrorInfo;
  /** As it was when the text was made. */
  readonly prompt: string;
}

/** A text that goes on, token by token as they come. */
export function useGenerated(
  document: OpenedDocument,
  node: number,
  form: RunForm,
  description: RunDescription,
): readonly [Generated, (drawing: Drawing) => Promise<void>] {
  const [generated, setGenerated] = useState<Generated>({ tokens: [], isRunning: false, prompt: '' });
  const latest = useRef(0);
  const begin = async (drawing: Drawing) => {
    const turn = ++latest.current;
    const set = (change: (before: Generated) => Generated) =>
      turn === latest.current && setGenerated((before) => change(before));
    const input = description.inputs.find(({ meaning }) => meaning === 'tokens');
    if (!input) return;
    const choice = sampleOf(form, input, description);
    try {
      const encode = async (text: string) => (await encodedText(document.id, text)).ids;
      const tensor = await toTensor(choice, input, form.sizes[input.name], encode);
      const prompt = Array.from(tensor.data as BigInt64Array, Number);
      const text = await engine().decodeTokens(document.id, prompt);
      set(() => ({ tokens: [], isRunning: true, prompt: text }));
      await runTask(`Run ${description.path || document.name}`, (options) =>
        engine().generate(
          { document: document.id, node, corrections: form.corrections, prompt, ...drawing },
          { ...options, onItem: (token) => set((before) => ({ ...before, tokens: [...before.tokens, token] })) },
        ),
      );
      set((before) => ({ ...before, isRunning: false }));
    } catch (error) {
      const info = toErrorInfo(error);
      set((before) => ({ ...before, isRunning: false, error: info }));
    }
  };
  return [generated, begin];
}
