import { Fragment } from 'react';

/** A key that breaks after its separators, where it has to. Text that is copied of it is the key. */
export function KeyText({ text }: { readonly text: string }) {
  return text.split(/(?<=[./_:])(?=[^./_:])/).map((part, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
