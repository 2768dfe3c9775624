import { StateglassError } from '../../base/errors.ts';

/** An edit that a PyTorch file has no way to hold. `what` is the entry or the file. */
export const refuse = (what: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file: what, format: 'PyTorch', detail });
