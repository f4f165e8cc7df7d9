/** The dialog with a document's address and the links to it. */
export const share = {
  heading: (title: string) => `Share “${title}”`,
  address: 'Address',
  copy: 'Copy',
  copyByHand: 'The browser does not let this page copy: the text is selected, for you to copy it.',
  forInvited: 'It opens for people who may open this document.',
  forEverybody:
    'Whoever can reach this server and has the address can read and write. It asks nobody who they are.',
  links: 'Links that let people in',
  linksMean: 'Whoever has such a link comes in with it, until it ends or you take it back.',
  level: 'They may',
  levels: { read: 'View', write: 'Edit' },
  span: 'for',
  spans: { hour: '1 hour', day: '1 day', week: '1 week', month: '30 days' },
  make: 'Create link',
  newLink: 'New link',
  linkMade: 'The link was made.',
  linkCopied: 'The link was copied.',
  shownOnce: 'It is shown this once: copy it now.',
  /** @param when for example "in 6 days" */
  ends: (when: string) => `ends ${when}`,
  revoke: 'Take back',
  revokeOf: (level: string, ends: string) => `Take back: ${level}, ${ends}`,
  reallyRevoke: 'Whoever came in with it is put out at once.',
  keep: 'Keep it',
  linkRevoked: 'The link was taken back.',
}
