/** The page of an address that names no document. */
export const address = {
  tabTitle: 'No document here — Coscribe',
  heading: 'There is no document at this address',
  text: (reason: string) => `It names none: ${reason}. Part of it may have been lost on the way.`,
  begin: 'Begin a new document',
  /** Where the code of a part of the page cannot be had. */
  notLoaded: {
    tabTitle: 'Not loaded — Coscribe',
    heading: 'This page could not be loaded',
    text: 'Either there is no network, or the server was updated meanwhile.',
  },
}
