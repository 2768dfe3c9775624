import { StateglassError } from '../../base/errors.ts';
import type { SystemName } from './operation.ts';

/** What the real system would raise here: its exception class and its words. */
export const raised = (system: SystemName, type: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'raised', system, type, detail });

/** The arguments themselves cannot be read; no system was asked. */
export const badInput = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
