import { type ErrorInfo, toErrorInfo } from '../../base/errors.ts';
import { changeState } from '../../model/change-state.ts';
import { readJsonText } from '../../model/json-text.ts';
import { guessMetaType, whyNotOfType } from '../../model/meta-type.ts';
import type { JsonNode, MetaItem, StateDict } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import type { Op } from '../op.ts';

const SPEC = { key: 'text', section: 'text?', text: 'text?', json: 'text?', type: 'text?' } as const;
export type SetMetadataArgs = ArgsOf<typeof SPEC>;

/**
 * What the file says beside its entries: sets an item to a text or a JSON value, adds one, or takes it out when neither is given. Where
 * items have types it keeps its own, has the `type` given, or one that suits the value.
 */
export const setMetadata: Op<SetMetadataArgs> = {
  id: 'set-metadata',
  title: ({ key, text, json }) => `${text === undefined && json === undefined ? 'Delete' : 'Set'} metadata ${key}`,
  parse: (args) => readArgs('set-metadata', args, SPEC),
  check(state, args) {
    if (args.text !== undefined && args.json !== undefined)
      return { kind: 'bad-input', detail: 'metadata is set to a text or to a JSON value, not to both' };
    if (args.text === undefined && args.json === undefined && !findItem(state, args))
      return { kind: 'not-found', what: args.key, detail: 'there is no such metadata' };
    try {
      const value = readNode(args);
      return value && whyNot(state, args, value);
    } catch (error) {
      return toErrorInfo(error);
    }
  },
  apply(state, args) {
    const item = findItem(state, args);
    const value = readNode(args);
    const { metadata } = state;
    if (!value) return changeState(state, { metadata: metadata.filter((one) => one !== item) });
    const type = typeFor(state, args, value);
    const section = item?.section ?? args.section ?? sectionOf(state);
    const set: MetaItem = { section, key: args.key, value, ...(type !== undefined && { type }) };
    if (item) return changeState(state, { metadata: metadata.map((one) => (one === item ? set : one)) });
    return changeState(state, { metadata: [...metadata, set] });
  },
};

const findItem = ({ metadata }: StateDict, { key, section }: SetMetadataArgs): MetaItem | undefined =>
  metadata.find((item) => item.key === key && (section === undefined || item.section === section));

/** Undefined where items have no types. */
function typeFor(state: StateDict, args: SetMetadataArgs, value: JsonNode): string | undefined {
  return args.type ?? findItem(state, args)?.type ?? (hasTypes(state) ? guessMetaType(value) : undefined);
}

function whyNot(state: StateDict, args: SetMetadataArgs, value: JsonNode): ErrorInfo | undefined {
  const type = typeFor(state, args, value);
  if (type === undefined && !hasTypes(state)) return undefined;
  const why = type === undefined ? 'a value of this kind has no type there' : whyNotOfType(value, type);
  return why === undefined ? undefined : { kind: 'bad-input', detail: `${args.key} cannot be set: ${why}` };
}

const hasTypes = ({ metadata }: StateDict): boolean => metadata.some(({ type }) => type !== undefined);

function readNode({ text, json }: SetMetadataArgs): JsonNode | undefined {
  if (text !== undefined) return { kind: 'string', value: text };
  return json === undefined ? undefined : readJsonText(json, 'metadata');
}

/** Where a format keeps what is not an entry. */
const sectionOf = ({ format, metadata }: StateDict): string =>
  format === 'safetensors' ? '__metadata__' : (metadata[0]?.section ?? 'metadata');
