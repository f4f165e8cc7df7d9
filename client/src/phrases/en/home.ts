/** The lists of documents, and of those in the trash. */
export const home = {
  documents: 'Documents',
  trash: 'Trash',
  toDocuments: 'Back to the documents',
  skip: 'Skip to the documents',
  nothingYet: 'No document yet. Begin one, and give its address to whoever is to write with you.',
  trashEmpty: 'Nothing is in the trash.',
  /** @param days how long, or `null` when there is no end, or none is known yet */
  trashMeans: (days: number | null) =>
    'What lies here is closed for everybody, and comes back whole.' +
    (days === null
      ? ''
      : ` After ${days === 1 ? 'a day' : `${days} days`} it is removed for good.`),
  trashedWhen: (when: string) => `thrown away ${when}`,
  loading: 'Loading…',
  search: 'Search by title',
  /** @param more whether there are more than `count` */
  found: ({ count, more, search }: { count: number; more: boolean; search: string }) => {
    if (count === 0) return more ? 'Searching…' : `No title has “${search}” in it.`
    if (more) return `More than ${count} documents found`
    return count === 1 ? '1 document found' : `${count} documents found`
  },
  more: 'Show more',
  retry: 'Try again',
  unreachable: 'The server cannot be reached at the moment.',
  keptHere:
    'The server cannot be reached. These documents are on this device, and can be written in.',
  noneKept: 'The server cannot be reached, and no document is on this device.',
  trashOffline: 'The server cannot be reached. The trash is shown as soon as it can.',
  signIn: {
    nobody: {
      heading: 'Sign in to see your documents',
      text: 'They are open to people who were invited. Open your invite link, or paste it here.',
    },
    ended: {
      heading: 'Your access has ended',
      text: 'To go on, open a new invite link, or paste it here.',
    },
  },
  /** What one may do, where it is not everything. */
  mayEdit: 'can edit',
  mayView: 'view only',
  actions: 'Actions',
  actionsOf: (title: string) => `Actions for ${title}`,
  rowKeys:
    'Arrow keys lead from row to row and to the actions of a row; F2 renames, Delete moves to the trash.',
  rename: 'Rename',
  copyLink: 'Copy address',
  share: 'Share…',
  toTrash: 'Move to trash',
  /** Names of keys. */
  keys: { rename: 'F2', trash: 'Del' },
  restore: 'Restore',
  restoreOf: (title: string) => `Restore ${title}`,
  undo: 'Undo',
  trashed: (title: string) => `“${title}” is in the trash.`,
  restored: (title: string) => `“${title}” is back.`,
  notRenamed: (reason: string) => `Not renamed. ${reason}`,
  notTrashed: (reason: string) => `Not moved to the trash. ${reason}`,
  notRestored: (reason: string) => `Not restored. ${reason}`,
  /** What the server does not do, by the names of its problems. */
  problems: {
    forbidden: 'you have no right to that',
    'not-found': 'it is not there any more',
    trashed: 'the document is in the trash',
    'too-many': 'there was too much of that; try again in a moment',
    'not-kept': 'the server cannot write to its disk at the moment',
    overloaded: 'the server has too much to do at the moment',
    internal: 'something unexpected happened on the server',
  },
}
