import type { MetadataPlace } from '../formats/format.ts';
import { FORMATS } from '../formats/registry.ts';
import type { StateDict } from '../model/state-dict.ts';

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

/** Where the metadata of a state can be edited and saved; none for formats that have no place for any. */
export const listMetadataPlaces = (state: StateDict): readonly MetadataPlace[] =>
  FORMATS.find(({ id }) => id === state.format)?.metadataPlaces?.(state) ?? [];
