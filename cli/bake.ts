import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  attachDonor,
  type Document,
  LORA_CONFIG_FILE,
  type LoraConfig,
  type LoraOptions,
  type LoraPlan,
  planLora,
  readLoraConfig,
  StateglassError,
} from '../src-core/index.ts';
import { applyEdits, type EditOptions, editFile, openForEditing } from './edit-file.ts';

export interface BakeOptions extends EditOptions {
  readonly alpha?: string | number;
  readonly scale?: string | number;
  readonly fanInFanOut?: boolean;
  readonly rankStabilised?: boolean;
  readonly adapter?: string | number;
  readonly partial?: boolean;
}

/** `bake BASE ADAPTER`: W + scale × alpha / rank × (B @ A), for every weight of BASE that ADAPTER has an update of. */
export async function bake(base: string, adapter: string, options: BakeOptions): Promise<void> {
  const given = readOptions(options);
  const donor = await openForEditing(adapter);
  const config = await findConfig(adapter, donor);
  if (config.hasAlphaPattern && given.alpha === undefined)
    process.stderr.write(
      `${LORA_CONFIG_FILE}: alpha_pattern gives some modules an alpha of their own; it is not read\n`,
    );
  const lora = { ...optionsOf(config), ...given };
  await editFile(base, options, (document) => {
    const plan = planLora(document.state, donor.state, lora);
    const name = basename(adapter);
    const args = { donor: name, ...lora, ...(options.partial && { partial: true }) };
    const edited = applyEdits(attachDonor(document, name, donor), [{ op: 'bake-lora', args }]);
    return { document: edited, lines: wordPlan(edited.log.edits.at(-1)?.title ?? '', plan), more: tellPlan(plan) };
  });
}

function readOptions({ alpha, scale, fanInFanOut, rankStabilised, adapter }: BakeOptions): LoraOptions {
  return {
    ...(alpha !== undefined && { alpha: readAlpha(alpha) }),
    ...(scale !== undefined && { strength: readFinite('--scale', scale) }),
    ...(fanInFanOut && { fanInFanOut }),
    ...(rankStabilised && { rankStabilised }),
    ...(adapter !== undefined && { adapter: String(adapter) }),
  };
}

/** @throws `bad-input` for what is neither a finite number nor `rank`. */
export function readAlpha(text: string | number): number | 'rank' {
  if (text === 'rank') return text;
  const alpha = readNumber(text);
  if (alpha === undefined) throw bad(`--alpha takes a number or "rank", not "${text}"`);
  return alpha;
}

/** @throws `bad-input` for what is no finite number. */
export function readFinite(option: string, text: string | number): number {
  const value = readNumber(text);
  if (value === undefined) throw bad(`${option} takes a number, not "${text}"`);
  return value;
}

function readNumber(text: string | number): number | undefined {
  const value = String(text).trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Among the files of a folder that was named, else beside the file. */
async function findConfig(path: string, { files }: Document): Promise<LoraConfig> {
  const text = await readConfig(path, files);
  if (text === undefined) return {};
  try {
    return readLoraConfig(JSON.parse(text));
  } catch (cause) {
    const detail = `${LORA_CONFIG_FILE} of ${path} cannot be read: ${(cause as Error).message}`;
    throw new StateglassError({ kind: 'bad-input', detail }, { cause });
  }
}

async function readConfig(path: string, files: Document['files']): Promise<string | undefined> {
  const source = [...files].find(([id]) => basename(id) === LORA_CONFIG_FILE)?.[1];
  if (source) return new TextDecoder().decode(await source.read(0, source.size));
  const beside = join(dirname(path), LORA_CONFIG_FILE);
  return existsSync(beside) ? readFile(beside, 'utf8') : undefined;
}

const optionsOf = ({ alpha, fanInFanOut, rankStabilised }: LoraConfig): LoraOptions => ({
  ...(alpha !== undefined && { alpha }),
  ...(fanInFanOut && { fanInFanOut }),
  ...(rankStabilised && { rankStabilised }),
});

function wordPlan(title: string, { bakes, left }: LoraPlan): string[] {
  const scaleOf = ({ scale, alpha }: LoraPlan['bakes'][number]) =>
    `${Number(scale.toPrecision(4))}${alpha === undefined ? '' : ' × alpha / rank'}`;
  return [
    title,
    ...bakes.map((one) => `  ${one.key}: rank ${one.rank}, × ${scaleOf(one)}`),
    ...left.map(({ key, why }) => `  ${key} is left: ${why}`),
  ];
}

const tellPlan = ({ bakes, left }: LoraPlan) => ({
  baked: bakes.map(({ key, down, up, rank, scale, alpha }) => ({ key, down, up, rank, scale, alpha: alpha ?? null })),
  left,
});

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
