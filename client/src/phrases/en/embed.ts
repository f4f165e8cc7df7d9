/** What the editor says around its text, in somebody else's page. */
export const embed = {
  tools: 'Text tools',
  undo: 'Undo',
  redo: 'Redo',
  cannotOpen: (reason: string) => `This document cannot be opened: ${reason}`,
  notHereYet: 'The document is not here yet.',
  valueMissing: 'Please write something.',
  tooShort: (least: number, length: number) =>
    `Please write at least ${least} characters; it is ${length} now.`,
  tooLong: (most: number, length: number) =>
    `Please write at most ${most} characters; it is ${length} now.`,
}
