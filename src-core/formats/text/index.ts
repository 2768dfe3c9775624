import type { StateDict } from '../../model/state-dict.ts';
import type { Format, Likelihood, MetadataPlace } from '../format.ts';
import { headText, PROSE, probeJson, probeToml, probeYaml } from './probe.ts';

/** What DSPy says beside its predictors. */
const listPlaces = ({ dialect }: StateDict): readonly MetadataPlace[] =>
  dialect === 'dspy' ? [{ section: 'metadata', holds: 'json' }] : [];

/**
 * State dicts that are text: prompts, settings, what a language program learnt. Read: JSON (RFC 8259, and comments, trailing
 * commas, NaN), TOML 1.0 and 1.1, YAML 1.1 and 1.2, and single texts; the flat files of msgflux and the programs of DSPy for what they are.
 * Not read: JSON Lines.
 */
export const json: Format = {
  id: 'json',
  label: 'JSON',
  extensions: ['.json'],
  probe: probeWith(probeJson),
  metadataPlaces: listPlaces,
  load: async () => ({
    read: (await import('./read-json.ts')).readJson,
    save: async (context) => (await import('./save-json.ts')).saveJson(context),
  }),
};

export const toml: Format = {
  id: 'toml',
  label: 'TOML',
  extensions: ['.toml'],
  probe: probeWith(probeToml),
  load: async () => ({
    read: (await import('./read-toml.ts')).readToml,
    save: async (context) => (await import('./save-toml.ts')).saveToml(context),
  }),
};

export const yaml: Format = {
  id: 'yaml',
  label: 'YAML',
  extensions: ['.yaml', '.yml'],
  probe: probeWith(probeYaml),
  load: async () => ({
    read: (await import('./read-yaml.ts')).readYaml,
    save: async (context) => (await import('./save-yaml.ts')).saveYaml(context),
  }),
};

/** Last of all: any text is one. */
export const plainText: Format = {
  id: 'text',
  label: 'Text',
  extensions: ['.txt', '.md', '.prompt', '.jinja', '.j2'],
  probe: probeWith((text, name) => (text !== '' && PROSE.test(name) ? 'maybe' : 'no')),
  load: async () => ({
    read: (await import('./read-plain.ts')).readPlain,
    save: async (context) => (await import('./save-plain.ts')).savePlain(context),
  }),
};

function probeWith(judge: (text: string, name: string) => Likelihood): Format['probe'] {
  return (head, name) => {
    const text = headText(head);
    return text === undefined ? 'no' : judge(text, name);
  };
}
