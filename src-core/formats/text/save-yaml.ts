import { StateglassError } from '../../base/errors.ts';
import type { Save } from '../format.ts';
import { editYaml } from './edit-yaml.ts';
import { planChange } from './plan-change.ts';
import { readYaml } from './read-yaml.ts';
import { saveText } from './save-text.ts';
import { refuseYaml, refuseYamlKey } from './spell-yaml.ts';
import { scanYaml } from './yaml-scan.ts';

export const saveYaml: Save = (context) =>
  saveText(context, {
    label: 'YAML',
    read: readYaml,
    ordered: true,
    edit({ source }) {
      const scanned = scanYaml(source);
      const refuse = { refuseNode: refuseYaml, refuseKey: refuseYamlKey };
      const change = planChange(source, scanned.root, context, refuse, true);
      return editYaml(source, scanned, change, (detail) => {
        throw new StateglassError({ kind: 'unsupported', file: source.file, format: 'YAML', detail });
      });
    },
  });
