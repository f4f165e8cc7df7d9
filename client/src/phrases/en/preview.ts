/** What a text looks like. */
export const preview = {
  label: 'Preview',
  tooLong: (lines: number) =>
    `The preview ends here: it shows the first ${lines} lines. The rest is in the text.`,
  forbidden: 'There is no preview here: the policy of this page does not allow one.',
  /** A picture that is not shown, because it would have to be fetched from elsewhere. */
  picture: 'Picture',
}
