import type { NodeTime } from '../ports.ts';

const SUFFIX = '_kernel_time';

interface ProfileEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly dur?: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/** What each node took, from the profile that onnxruntime prints: a JSON list of events in microseconds. Times of one node add up. */
export function readNodeTimes(profile: string): readonly NodeTime[] {
  const times = new Map<string, NodeTime>();
  for (const { cat, name, dur, args } of JSON.parse(profile) as readonly ProfileEvent[]) {
    if (cat !== 'Node' || !name?.endsWith(SUFFIX) || !args?.op_name || !args.provider) continue;
    const node = name.slice(0, -SUFFIX.length);
    const milliseconds = (times.get(node)?.milliseconds ?? 0) + (dur ?? 0) / 1000;
    times.set(node, { name: node, op: args.op_name, provider: args.provider, milliseconds });
  }
  return [...times.values()];
}
