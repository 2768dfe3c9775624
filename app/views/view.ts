import type { ComponentType } from 'react';
import { NO_TYPE, VALUE_ORDER, type ValueType } from '../../src-core/index.ts';
import { isCompared } from '../state/compare.ts';
import type { ComparedDocument, OpenedDocument } from '../state/engine.ts';

/** What is looked at: a node of a document; 0 is the document itself. */
export interface Target {
  readonly document: OpenedDocument;
  readonly node: number;
}

/** A view is a folder exporting one of these, and one line in `registry.ts`. */
export interface ViewDef {
  readonly id: string;
  readonly title: string;
  readonly place: 'main' | 'side' | 'bottom';
  /** It reads values: shown when a person chooses it, never first. */
  readonly onDemand?: true;
  /** Its targets are nodes of a comparison; those of other views are nodes of one document. */
  readonly compares?: true;
  /** Cheap: it is asked for every target. */
  supports(target: Target): boolean;
  load(): Promise<ViewModule>;
}

export interface ViewModule {
  readonly default: ComponentType<{ target: Target }>;
  /** The view with made-up content. It is drawn once, unseen, while nothing else is going on: a first click then finds warm code. */
  readonly Rehearsal?: ComponentType;
}

/** A target in a comparison. */
export interface PairTarget extends Target {
  readonly document: ComparedDocument;
}

export const isPair = (target: Target): target is PairTarget => isCompared(target.document);

export const isDocument = (target: Target): boolean => target.node === 0;

/** What kind of value the node itself holds; undefined for a pure module. */
export function valueTypeOf(target: Target): ValueType | undefined {
  const code = target.document.tree.type[target.node];
  return code === undefined || code === NO_TYPE ? undefined : VALUE_ORDER[code];
}
