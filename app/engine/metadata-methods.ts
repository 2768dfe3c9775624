import {
  describeVocabulary,
  type MetaItem,
  readMetadataItems,
  readVocabulary,
  searchVocabulary,
} from '../../src-core/index.ts';
import type { EngineApi, MetadataTopic } from './api.ts';
import type { FindHeld } from './held.ts';

type MetadataMethods = Pick<
  EngineApi,
  'metadata' | 'metadataAsRead' | 'metadataItems' | 'vocabulary' | 'vocabularyTokens' | 'searchVocabulary'
>;

/** What files say beside their entries. Long lists of it are read by page. */
export function metadataMethods(find: FindHeld): MetadataMethods {
  return {
    async metadata(id) {
      return find(id).document.state.metadata;
    },
    async metadataAsRead(id) {
      return find(id).document.base.metadata;
    },
    async metadataItems(id, path, from, count) {
      return readMetadataItems(find(id).document, path, from, count);
    },
    async vocabulary(id) {
      return (await describeVocabulary(find(id).document)) ?? null;
    },
    async vocabularyTokens(id, from, count) {
      return readVocabulary(find(id).document, from, count);
    },
    async searchVocabulary(id, text, call) {
      return searchVocabulary(find(id).document, text, call?.signal);
    },
  };
}

const CHAT_TEMPLATE = /^tokenizer\.chat_template(\.|$)/;
const TOKENS = 'tokenizer.ggml.tokens';

export function topicsOf(metadata: readonly MetaItem[]): readonly MetadataTopic[] {
  const topics: MetadataTopic[] = [];
  if (metadata.some(({ key, value }) => CHAT_TEMPLATE.test(key) && value.kind === 'string'))
    topics.push('chat-template');
  if (metadata.some(({ key }) => key === TOKENS)) topics.push('vocabulary');
  return topics;
}
