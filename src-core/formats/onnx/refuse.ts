import { StateglassError } from '../../base/errors.ts';
import type { Entry } from '../../model/state-dict.ts';
import { ONNX } from './scan-model.ts';

/** An edit that the format has no way to write. */
export const refuse = ({ key }: Pick<Entry, 'key'>, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file: key, format: ONNX, detail });
