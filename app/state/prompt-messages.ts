import { useEffect, useState } from 'react';
import {
  type ErrorInfo,
  findNode,
  type PromptDescription,
  pathOfNode,
  type RenderedPrompt,
  toErrorInfo,
} from '../../src-core/index.ts';
import type { PromptChoice } from '../engine/api.ts';
import { engine, type OpenedDocument } from './engine.ts';
import { type Samples, useSamples } from './prompts.ts';
import { type Against, absent, type RunForm, useAgainst } from './run.ts';
import { readSample, sampleText, sampleValue } from './sample-values.ts';
import { useWorkspace } from './workspace.ts';

/** What a module of texts says with the samples that are given. */
export interface Said {
  readonly description: PromptDescription;
  /** What is asked for, with what is typed for it or proposed. */
  readonly fields: readonly { readonly name: string; readonly text: string }[];
  readonly rendered: RenderedPrompt;
}

export interface SaidBeside {
  readonly said?: Said;
  readonly error?: ErrorInfo;
  /** The same of what it is held against. */
  readonly other?: Said;
  readonly otherError?: ErrorInfo;
}

async function say(choice: PromptChoice, samples: Samples): Promise<Said> {
  const description = await engine().describePrompt(choice);
  const fields = description.variables.map((name) => ({
    name,
    text: samples[name] ?? sampleText(sampleValue(name, description.shapes[name])),
  }));
  const variables = Object.fromEntries(fields.map(({ name, text }) => [name, readSample(text)]));
  return { description, fields, rendered: await engine().renderPrompt({ ...choice, variables }) };
}

async function sayBeside(
  document: OpenedDocument,
  node: number,
  samples: Samples,
  outputs: readonly string[] | null,
  against: Against,
): Promise<SaidBeside> {
  const choice = (of: OpenedDocument, at: number): PromptChoice => ({
    document: of.id,
    node: at,
    ...(outputs && { outputs }),
  });
  const said = await say(choice(document, node), samples);
  if (against === 'nothing') return { said };
  try {
    if (against === 'before') return { said, other: await say({ ...choice(document, node), unedited: true }, samples) };
    const other = useWorkspace.getState().documents.find(({ id }) => id === against);
    const path = pathOfNode(document.tree, node);
    const at = other && findNode(other.tree, path);
    if (!other || at === undefined) return { said, otherError: absent(path) };
    return { said, other: await say(choice(other, at), samples) };
  } catch (error) {
    return { said, otherError: toErrorInfo(error) };
  }
}

/** Keys that come quickly are answered together. */
const PAUSE_MS = 30;

/** What a module says, as one types; the answer before stands until the next is there. */
export function usePromptMessages(document: OpenedDocument, node: number, form: RunForm): SaidBeside {
  const samples = useSamples(document.id);
  const against = useAgainst(document, form);
  // An edit of the other document makes another object of it.
  const other = useWorkspace(({ documents }) => documents.find(({ id }) => id === against));
  const { outputs } = form;
  const of = `${document.id} ${pathOfNode(document.tree, node)}`;
  const [known, setKnown] = useState<SaidBeside & { readonly of?: string }>({});
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state of the other document is another answer
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      sayBeside(document, node, samples, outputs, against).then(
        (found) => wanted && setKnown({ of, ...found }),
        (error: unknown) => wanted && setKnown({ of, error: toErrorInfo(error) }),
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [document, node, samples, outputs, against, other, of]);
  return known.of === of ? known : {};
}
