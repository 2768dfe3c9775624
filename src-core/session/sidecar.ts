/**
 * Roles and specs that a person gave, in a file of their own beside the model's: flat files have no place for them.
 *
 * `NAME.stateglass.json`: `{"format": "stateglass sidecar", "version": 1, "roles": {KEY: {"role": …, "spec": …?}}}`.
 */
import { StateglassError, toErrorInfo } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { CountingSource } from '../bytes/counting.ts';
import type { FileId } from '../bytes/source.ts';
import { findRow } from '../model/find-row.ts';
import { overlayRoles } from '../model/overlay-roles.ts';
import { isRoleName, makeRole, specOf } from '../model/role.ts';
import { type EntryId, type FileInfo, type Problem, ROW_FLAG, type Role, type StateDict } from '../model/state-dict.ts';

const FORMAT = 'stateglass sidecar';
const VERSION = 1;
const SUFFIX = '.stateglass.json';

export const isSidecar = (file: FileId): boolean => file.endsWith(SUFFIX);

/** Where the sidecar of a model lies: beside its file, or beside its shards under the name they have in common. */
export const sidecarOf = (primary: FileId): FileId =>
  `${primary.replace(/\.index\.json$|-\d{5}-of-\d{5}(?=\.[^./]*$)/, '')}${SUFFIX}`;

/** The file that a document is known by: its index, or its first. */
export const primaryOf = (files: readonly FileInfo[]): FileId | undefined =>
  (files.find(({ part }) => part === 'index') ?? files.find(({ part }) => part === 'model'))?.id;

type Roles = ReadonlyMap<string, Role>;

/** @throws `bad-input` for a text that is no sidecar, or one of a later version. */
export function readSidecar(text: string): Roles {
  const refuse = (detail: string) => new StateglassError({ kind: 'bad-input', detail });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new StateglassError({ kind: 'bad-input', detail: (cause as Error).message }, { cause });
  }
  const { format, version, roles } = (parsed ?? {}) as Record<string, unknown>;
  if (format !== FORMAT) throw refuse('it does not say that it is a stateglass sidecar');
  if (version !== VERSION) throw refuse(`version ${String(version)} is not known here`);
  if (typeof roles !== 'object' || roles === null || Array.isArray(roles)) throw refuse('its roles are no object');
  return new Map(
    Object.entries(roles).map(([key, given]) => {
      const { role, spec } = (given ?? {}) as Record<string, unknown>;
      if (!isRoleName(role)) throw refuse(`${key} has no role that is known here`);
      if (spec !== undefined && typeof spec !== 'string') throw refuse(`the spec of ${key} is no text`);
      return [key, makeRole(role, spec)];
    }),
  );
}

export function writeSidecar(roles: Roles): string {
  const listed = [...roles].map(([key, role]) => {
    const spec = specOf(role);
    return [key, { role: role.role, ...(spec !== undefined && { spec }) }] as const;
  });
  return `${JSON.stringify({ format: FORMAT, version: VERSION, roles: Object.fromEntries(listed) }, undefined, 2)}\n`;
}

/** Roles that a person gave, here or before: those that no file of the model's own says. */
export function givenRoles({ entries }: StateDict): Roles {
  const roles = new Map<string, Role>();
  const { flags } = entries.columns();
  for (let row = 0; row < entries.length; row++) {
    if ((flags[row]! & ROW_FLAG.guessedRole) !== 0) continue;
    const { key, role, roleSource, source } = entries.at(row);
    const isGiven = roleSource === 'sidecar' || (roleSource === 'user' && (role.role !== 'unknown' || source !== null));
    if (isGiven && !roles.has(key)) roles.set(key, role);
  }
  return roles;
}

/** A sidecar that was opened with a model. */
export interface FoundSidecar {
  readonly id: FileId;
  readonly source: CountingSource;
  /** Or why it could not be read. */
  readonly roles: Roles | string;
}

export async function openSidecar(id: FileId, source: CountingSource, signal?: AbortSignal): Promise<FoundSidecar> {
  try {
    if (source.size > LIMITS.sidecarBytes)
      throw new StateglassError({
        kind: 'limit',
        file: source.name,
        limit: 'sidecarBytes',
        value: source.size,
        max: LIMITS.sidecarBytes,
        detail: 'a sidecar holds roles of entries only',
      });
    const text = new TextDecoder().decode(await source.read(0, source.size, signal));
    return { id, source, roles: readSidecar(text) };
  } catch (error) {
    const info = toErrorInfo(error);
    if (info.kind === 'cancelled') throw error;
    return { id, source, roles: 'detail' in info && info.detail ? info.detail : info.kind };
  }
}

/** The state with the roles of its sidecar. What the sidecar says of no entry is told. */
export function applySidecar(state: StateDict, { id, source, roles }: FoundSidecar): StateDict {
  const files: readonly FileInfo[] = [
    ...state.files,
    { id, name: source.name, size: source.size, part: 'sidecar' as const },
  ];
  const tell = (problem: Omit<Problem, 'code' | 'file'>): readonly Problem[] => [
    ...state.problems,
    { code: 'sidecar', file: id, ...problem },
  ];
  if (typeof roles === 'string') {
    const message = `${source.name} cannot be read: ${roles}.`;
    const advice = 'Roles are those of the file itself, or guesses. Saving roles replaces it.';
    return { ...state, files, problems: tell({ severity: 'warning', message, advice }) };
  }
  const rows = new Map<EntryId, Role>();
  const missing: string[] = [];
  for (const [key, role] of roles) {
    const row = findRow(state, key);
    if (row === undefined) missing.push(key);
    else rows.set(row, role);
  }
  const others = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  return {
    ...state,
    files,
    entries: overlayRoles(state.entries, rows),
    ...(missing.length > 0 && {
      problems: tell({
        severity: 'note',
        message: `${source.name} gives roles to ${missing[0]}${others}, which ${missing.length > 1 ? 'are' : 'is'} not in the file.`,
        advice: 'The entries may have been renamed elsewhere. Saving roles leaves them out.',
      }),
    }),
  };
}
