import { FORMATS } from '../formats/registry.ts';

export interface FormatInfo {
  readonly id: string;
  readonly label: string;
  readonly extensions: readonly string[];
}

/** What can be opened, in probing order. */
export const listFormats = (): readonly FormatInfo[] =>
  FORMATS.map(({ id, label, extensions }) => ({ id, label, extensions }));

/** A format's name for people; its id when it is not known. */
export const formatLabelOf = (id: string): string => FORMATS.find((format) => format.id === id)?.label ?? id;
