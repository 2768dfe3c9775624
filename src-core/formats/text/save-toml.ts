import type { Save } from '../format.ts';
import { editToml } from './edit-toml.ts';
import { planChange } from './plan-change.ts';
import { readToml } from './read-toml.ts';
import { saveText } from './save-text.ts';
import { refuseToml, refuseTomlKey } from './spell-toml.ts';
import { scanToml } from './toml-scan.ts';
import type { TomlStatement } from './toml-tables.ts';

export const saveToml: Save = (context) =>
  saveText(context, {
    label: 'TOML',
    read: readToml,
    ordered: false,
    edit({ source }) {
      const lines: TomlStatement[] = [];
      const inline: TomlStatement[] = [];
      const scanned = scanToml(source, (statement) =>
        (statement.base.container === 'inline table' ? inline : lines).push(statement),
      );
      const refuse = { refuseNode: refuseToml, refuseKey: refuseTomlKey };
      const change = planChange(source, scanned.root, context, refuse, false);
      return editToml(source, { ...scanned, lines, inline }, change);
    },
  });
