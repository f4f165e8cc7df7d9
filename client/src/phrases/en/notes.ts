/** Notes above the text, about what was not taken. */
export const notes = {
  refused: 'Your last changes were not taken',
  goOnWithout:
    'You can go on without them: the text as it stands here is then set aside, for you to copy from.',
  setAside: 'Set my text aside and go on',
  aside: 'Your text was set aside',
  asideHolds: 'It holds what was not taken, and is in this tab only.',
  copyText: 'Copy text',
  download: 'Download',
  done: 'Done',
  /** A link that was opened over a document, with why before it. */
  linkRefused: {
    heading: 'The link was not used',
    text: 'You go on as before.',
  },
  lacking: {
    heading: 'Not all of this page could be loaded',
    text: 'You can write. Sharing, the menu or the settings are missing until the page is loaded again.',
    reload: 'Load again',
  },
  trashed: {
    heading: 'This document is in the trash',
    text: 'It is closed for everybody until it is restored.',
    pending:
      'What you wrote last was not sent: it stays here, for you to copy, and is sent when the document is back.',
    askOthers: 'Whoever administers it can restore it.',
  },
}
