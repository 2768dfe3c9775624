import { toErrorInfo } from '../../base/errors.ts';
import { changeState } from '../../model/change-state.ts';
import { readJsonText } from '../../model/json-text.ts';
import type { JsonNode, MetaItem, StateDict } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import type { Op } from '../op.ts';

const SPEC = { key: 'text', section: 'text?', text: 'text?', json: 'text?' } as const;
export type SetMetadataArgs = ArgsOf<typeof SPEC>;

/** What the file says beside its entries: sets an item to a text or a JSON value, adds one, or takes it out when neither is given. */
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
      readNode(args);
      return undefined;
    } catch (error) {
      return toErrorInfo(error);
    }
  },
  apply(state, args) {
    const item = findItem(state, args);
    const value = readNode(args);
    const { metadata } = state;
    if (!value) return changeState(state, { metadata: metadata.filter((one) => one !== item) });
    if (item) return changeState(state, { metadata: metadata.map((one) => (one === item ? { ...one, value } : one)) });
    const section = args.section ?? sectionOf(state);
    return changeState(state, { metadata: [...metadata, { section, key: args.key, value }] });
  },
};

const findItem = ({ metadata }: StateDict, { key, section }: SetMetadataArgs): MetaItem | undefined =>
  metadata.find((item) => item.key === key && (section === undefined || item.section === section));

function readNode({ text, json }: SetMetadataArgs): JsonNode | undefined {
  if (text !== undefined) return { kind: 'string', value: text };
  return json === undefined ? undefined : readJsonText(json, 'metadata');
}

/** Where a format keeps what is not an entry. */
const sectionOf = ({ format, metadata }: StateDict): string =>
  format === 'safetensors' ? '__metadata__' : (metadata[0]?.section ?? 'metadata');
