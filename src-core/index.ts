export * from './base/errors.ts';
export { LIMITS, type LimitName } from './base/limits.ts';
export type * from './bytes/source.ts';
export type { KeyPath, KeySyntax, PartKind, PathPart } from './model/keys/key.ts';
export * from './model/module-tree.ts';
export * from './model/state-dict.ts';
export type * from './session/document.ts';
export * from './tensor/dtype.ts';
