/** The page of an address that names no document. */
export const address = {
  tabTitle: 'No document here — Coscribe',
  heading: 'There is no document at this address',
  text: (reason: string) => `It names none: ${reason}. Part of it may have been lost on the way.`,
  begin: 'Begin a new document',
}
