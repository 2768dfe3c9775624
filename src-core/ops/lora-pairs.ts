/**
 * Which low-rank updates a state holds, and which weights they are of. Names are those of PEFT (`base_model.model.X.lora_A.weight`, with or
 * without an adapter's name), of diffusers and others (`X.lora_down.weight`, `X.lora.down.weight`) and of kohya (`lora_unet_a_b_c`, whose
 * underscores stand for dots as well: taken where one weight alone fits).
 */
import { findRow } from '../model/find-row.ts';
import { keyOfRow } from '../model/key-text.ts';
import type { EntryId, StateDict } from '../model/state-dict.ts';

/** A pair of factors. `down` is A, [rank, in, …]; `up` is B, [out, rank, …]. Rows are of the state that holds them. */
export interface LoraPair {
  /** The module, as the names of the factors have it. */
  readonly module: string;
  /** The adapter's name where the file has one. */
  readonly adapter?: string;
  readonly down: EntryId;
  readonly up: EntryId;
  /** A scalar tensor. */
  readonly alpha?: EntryId;
  /** An embedding: the product is transposed. */
  readonly isEmbedding: boolean;
  /** PEFT keeps alpha in another file. */
  readonly isPeft: boolean;
  /** The weight's row in the state it belongs to. */
  readonly target: EntryId;
}

/** What looks like a part of an update, and why it is left as it is. */
export interface LoraLeft {
  readonly key: string;
  readonly why: string;
}

export interface LoraPairs {
  readonly pairs: readonly LoraPair[];
  readonly left: readonly LoraLeft[];
}

const FACTORS =
  /^(?:(?<module>.*)\.)?(?:lora_(?<peft>(?:embedding_)?[AB])|lora[._](?<plain>down|up))(?:\.(?<adapter>[^.]+))??(?:\.weight)?$/;

interface Found {
  readonly module: string;
  readonly adapter?: string;
  readonly isEmbedding: boolean;
  readonly isPeft: boolean;
  down?: EntryId;
  up?: EntryId;
}

/** Pairs that `lora` holds for weights of `state`; both may be the same. `adapter` takes those of one name. */
export function findLoraPairs(state: StateDict, lora: StateDict, adapter?: string): LoraPairs {
  const columns = lora.entries.columns();
  const found = new Map<string, Found>();
  const left: LoraLeft[] = [];
  const odd = new Map<string, string>();
  for (let row = 0; row < columns.count; row++) {
    const key = keyOfRow(columns, row);
    if (!key.includes('lora') && !key.includes('dora_scale')) continue;
    const why = whyOdd(key);
    if (why !== undefined) {
      odd.set(moduleOf(key), why);
      left.push({ key, why });
      continue;
    }
    const groups = FACTORS.exec(key)?.groups;
    if (!groups || (adapter !== undefined && groups.adapter !== adapter)) continue;
    const { module = '', peft, plain, adapter: name } = groups as Readonly<Record<string, string | undefined>>;
    const isEmbedding = peft?.includes('embedding') === true;
    const id = JSON.stringify([module, name, isEmbedding]);
    const known = found.get(id) ?? {
      module,
      ...(name !== undefined && { adapter: name }),
      isEmbedding,
      isPeft: peft !== undefined,
    };
    found.set(id, known);
    known[plain === 'down' || peft?.endsWith('A') ? 'down' : 'up'] = row;
  }
  const findTarget = targetFinder(state);
  const pairs: LoraPair[] = [];
  const keyOf = (row: EntryId | undefined) => keyOfRow(columns, row as EntryId);
  for (const { down, up, ...one } of found.values()) {
    const leave = (why: string) => left.push({ key: keyOf(down ?? up), why });
    if (down === undefined || up === undefined) {
      leave('its other factor is not there');
      continue;
    }
    const why = odd.get(one.module);
    const target = findTarget(one.module);
    if (why !== undefined) leave(why);
    else if (typeof target === 'string') leave(target);
    else {
      const alpha = findRow(lora, one.module === '' ? 'alpha' : `${one.module}.alpha`);
      pairs.push({ ...one, down, up, target, ...(alpha !== undefined && { alpha }) });
    }
  }
  return { pairs, left };
}

/** What of an update is more than a product of two factors. */
function whyOdd(key: string): string | undefined {
  if (/lora_magnitude_vector|dora_scale/.test(key)) return 'it is of a DoRA, whose magnitudes are no sum';
  if (/lora[._]mid/.test(key)) return 'it has a third factor (lora_mid)';
  return /lora_[AB]\.(?:[^.]+\.)?bias$/.test(key) ? 'it has a bias of its own' : undefined;
}

const moduleOf = (key: string): string => key.replace(/\.?(lora_|lora\.|dora_).*$/, '');

/** The row of a module's weight, or why there is none. */
function targetFinder(state: StateDict): (module: string) => EntryId | string {
  let byUnderscores: ReadonlyMap<string, readonly EntryId[]> | undefined;
  return (module) => {
    const kohya = /^lora_(?:unet|te\d*|transformer)_(.+)$/.exec(module)?.[1];
    if (kohya !== undefined) {
      byUnderscores ??= indexByUnderscores(state);
      const rows = byUnderscores.get(kohya) ?? [];
      if (rows.length === 1) return rows[0] as EntryId;
      return rows.length === 0
        ? `no weight is called ${kohya}, dots being underscores`
        : `${rows.length} weights fit ${kohya}`;
    }
    for (const name of namesOf(module)) {
      for (const end of ['.weight', '.base_layer.weight', '']) {
        const row = findRow(state, name + end);
        if (row !== undefined) return row;
      }
    }
    return `there is no weight ${stripPeft(module)}.weight`;
  };
}

const stripPeft = (module: string): string => module.replace(/^base_model\.model\./, '');

/** With PEFT's prefix, without it, and without the name that the model has in a larger one (`transformer`, `unet`). */
function namesOf(module: string): ReadonlySet<string> {
  const plain = stripPeft(module);
  return new Set([module, plain, plain.slice(plain.indexOf('.') + 1)]);
}

function indexByUnderscores(state: StateDict): ReadonlyMap<string, readonly EntryId[]> {
  const columns = state.entries.columns();
  const index = new Map<string, EntryId[]>();
  for (let row = 0; row < columns.count; row++) {
    const key = keyOfRow(columns, row);
    if (!key.endsWith('.weight') || key.includes('lora_')) continue;
    const name = key.slice(0, -'.weight'.length).replaceAll('.', '_');
    index.set(name, [...(index.get(name) ?? []), row]);
  }
  return index;
}
