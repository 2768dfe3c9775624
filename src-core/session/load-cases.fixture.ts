import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outline } from '../load/outline.ts';
import { findPolicy, plan } from '../load/plan.ts';
import type { LoadOptions, LoadReport } from '../load/report.ts';
import { readJsonText } from '../model/json-text.ts';
import { writeJson } from '../model/json-write.ts';
import type { JsonNode } from '../model/state-dict.ts';
import { outlineDeclaration } from './outline-declaration.ts';

const FILE = join(import.meta.dirname, '../fixtures/systems/load-cases.json');

/** One load, and what the real system does. The interop script runs the same on the libraries. */
export interface LoadCase {
  readonly id: string;
  readonly policy: string;
  readonly target: JsonNode;
  readonly source: JsonNode;
  readonly as: SourceFacts;
  readonly options: LoadOptions;
  readonly expect: Expected;
}

/** What the forms of a declaration cannot say of a file. */
interface SourceFacts {
  readonly versions?: Readonly<Record<string, number>>;
  readonly addresses?: Readonly<Record<string, number>>;
  readonly encodings?: Readonly<Record<string, string>>;
  readonly weightData?: boolean;
}

/** A list that is left out is empty; one that is null is not looked at. */
interface Expected {
  readonly raises?: string;
  readonly message?: string;
  readonly assigned?: readonly string[] | null;
  readonly missing?: readonly string[] | null;
  readonly unexpected?: readonly string[] | null;
  readonly added?: readonly string[] | null;
  readonly mismatched?: readonly (readonly [key: string, what: string])[] | null;
  readonly partial?: readonly string[] | null;
  readonly suggestions?: Readonly<Record<string, readonly string[] | null>> | null;
  /** How many. */
  readonly warnings?: number;
}

export function readLoadCases(): readonly LoadCase[] {
  const root = readJsonText(readFileSync(FILE, 'utf8'), 'load-cases.json');
  const cases = memberOf(root, 'cases');
  return (cases?.kind === 'array' ? cases.items : []).map((node): LoadCase => {
    const plain = JSON.parse(writeJson(node)) as Omit<LoadCase, 'options'> & {
      readonly options?: Omit<LoadOptions, 'map'> & { readonly map?: readonly (readonly [string, string])[] };
    };
    const { map, ...options } = plain.options ?? {};
    return {
      ...plain,
      target: memberOf(node, 'target') ?? { kind: 'null' },
      source: memberOf(node, 'source') ?? { kind: 'null' },
      as: plain.as ?? {},
      options: { ...options, ...(map && { map: map.map(([pattern, to]) => ({ pattern, to })) }) },
    };
  });
}

export function runLoadCase({ policy: id, target, source, as, options }: LoadCase): LoadReport {
  const policy = findPolicy(id);
  return plan(outlineDeclaration(target, policy), addFacts(outlineDeclaration(source, policy), as), policy, options);
}

function addFacts(outline: Outline, { versions, addresses, encodings, weightData }: SourceFacts): Outline {
  const entries = outline.entries.map((entry) => {
    const [address, encoding] = [addresses?.[entry.key], encodings?.[entry.key]];
    if (entry.value.kind !== 'tensor') return entry;
    const value = {
      ...entry.value,
      ...(address !== undefined && { address }),
      ...(encoding !== undefined && { encoding }),
    };
    return { ...entry, value };
  });
  return {
    ...outline,
    entries,
    ...(versions && { modules: new Map(Object.entries(versions)) }),
    ...(weightData && { isWeightData: true }),
  };
}

const memberOf = (node: JsonNode | undefined, name: string): JsonNode | undefined =>
  node?.kind === 'object' ? node.members.find(([key]) => key === name)?.[1] : undefined;
