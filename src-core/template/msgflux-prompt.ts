/** What an agent of msgflux is told, as its modules keep it. */
export const MSGFLUX_PARTS = ['system_message', 'instructions', 'expected_output', 'examples'] as const;
export type MsgfluxParts = Partial<Readonly<Record<(typeof MSGFLUX_PARTS)[number], string>>>;

/**
 * The system prompt of an agent, as msgflux 0.5.1 puts it together (`msgflux/generation/templates.py`, without tools, skills and date,
 * which are no state). Its variables are filled in afterwards, as Jinja.
 */
export function assembleSystemPrompt(parts: MsgfluxParts): string {
  const written = MSGFLUX_PARTS.map((name) => (parts[name] ? `<${name}>\n${parts[name]}\n</${name}>\n` : ''));
  if (written.join('') === '') return '';
  return `<system_note>\n${written.join('\n')}\n\n</system_note>`.replace(/\n{3,}/g, '\n\n').trim();
}
