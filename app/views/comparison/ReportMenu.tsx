import type { ComparedDocument } from '../../state/engine.ts';
import { type ReportForm, saveReport } from '../../state/report.ts';
import { Button } from '../../ui/Button.tsx';
import { Download } from '../../ui/icons.ts';
import { Menu, MenuItem } from '../../ui/Menu.tsx';

const FORMS: readonly (readonly [ReportForm, words: string, hint: string])[] = [
  ['html', 'As a page', '.html'],
  ['markdown', 'As Markdown', '.md'],
  ['json', 'As JSON', '.json'],
];

/** The comparison as a file for others. */
export function ReportMenu({ comparison }: { readonly comparison: ComparedDocument }) {
  return (
    <Menu
      trigger={
        <Button look="quiet">
          <Download size={14} aria-hidden="true" />
          Report
        </Button>
      }
    >
      {FORMS.map(([form, words, hint]) => (
        <MenuItem key={form} hint={hint} onSelect={() => void saveReport(comparison, form)}>
          {words}
        </MenuItem>
      ))}
    </Menu>
  );
}
