import s from './tokenizer.module.css';

/** A token with its spaces and line ends to be seen. */
export function TokenText({ text }: { readonly text: string }) {
  const shown = text.replaceAll('\n', '↵').replaceAll('\t', '⇥').replaceAll(' ', '·');
  return (
    <span className={`mono ${s.token}`} title={JSON.stringify(text)}>
      {shown}
    </span>
  );
}
