import type { PromptMessage } from './prompt-message.ts';

/** What an agent of msgflux is told, as its modules keep it. */
export const MSGFLUX_PARTS = [
  'system_message',
  'instructions',
  'expected_output',
  'examples',
  'system_extra_message',
] as const;
export type MsgfluxParts = Partial<Readonly<Record<(typeof MSGFLUX_PARTS)[number], string>>>;

/**
 * The system prompt of an agent, as msgflux 0.5.1 puts it together (`msgflux/generation/templates.py`, without tools, skills and date,
 * which are no state). Its variables are filled in afterwards, as Jinja.
 */
export function assembleSystemPrompt(parts: MsgfluxParts): string {
  const written = MSGFLUX_PARTS.map((name) => writePart(name, parts[name]));
  if (written.join('') === '') return '';
  return tidyLines(`<system_note>\n${written.join('\n')}\n\n</system_note>`);
}

const writePart = (name: string, text: string | undefined): string => {
  if (!text) return '';
  return name === 'system_extra_message' ? `\n${text}\n` : `<${name}>\n${text}\n</${name}>\n`;
};

/** What msgflux does with whatever it renders. */
export const tidyLines = (text: string): string => text.replace(/\n{3,}/g, '\n\n').trim();

export interface MsgfluxTexts {
  /** Rendered. */
  readonly system: string;
  /** What is told before the task each time, rendered; none when empty. */
  readonly context: string;
  readonly task: string;
  /** What the answer begins with. */
  readonly prefilling: string;
}

/** What an agent sends: `msgflux/nn/modules/agent.py`, and the client of its model. */
export function assembleMsgfluxMessages({ system, context, task, prefilling }: MsgfluxTexts): PromptMessage[] {
  const told = context === '' ? '' : `<context>${context}</context>\n\n`;
  return [
    ...(system === '' ? [] : [{ role: 'system', content: system } as const]),
    { role: 'user', content: `${told}<task>${task}</task>`.trim() },
    ...(prefilling === '' ? [] : [{ role: 'assistant', content: prefilling } as const]),
  ];
}
