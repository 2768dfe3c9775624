/** A token as it is shown: white space is made visible. */
export const wordToken = (name: string): string =>
  name.replace(/ /g, '␣').replace(/\r/g, '␍').replace(/\n/g, '↵').replace(/\t/g, '⇥');
