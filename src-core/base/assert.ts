import { StateglassError } from './errors.ts';

/** For exhaustive switches: a new union member becomes a compile error here. */
export function unreachable(value: never): never {
  throw new StateglassError({ kind: 'internal', detail: `unexpected ${JSON.stringify(value)}` });
}
