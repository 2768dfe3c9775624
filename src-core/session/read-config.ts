import { throwIfAborted } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { FileId } from '../bytes/source.ts';
import type { Document } from './document.ts';

/** What `config.json` of transformers says beside the weights. */
export interface ModelConfig {
  readonly file: FileId;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The config that lies with a model; undefined when there is none or it is no object. Damage is told where companions are shown. */
export async function readConfig({ state, files }: Document, signal?: AbortSignal): Promise<ModelConfig | undefined> {
  const id = state.files.find(({ id, part }) => part === 'companion' && /(^|\/)config\.json$/.test(id))?.id;
  const source = id === undefined ? undefined : files.get(id);
  if (id === undefined || !source || source.size > LIMITS.configBytes) return undefined;
  try {
    const fields: unknown = JSON.parse(new TextDecoder().decode(await source.read(0, source.size, signal)));
    return typeof fields === 'object' && fields !== null && !Array.isArray(fields)
      ? { file: id, fields: fields as Record<string, unknown> }
      : undefined;
  } catch {
    throwIfAborted(signal);
    return undefined;
  }
}
