/** What one does with a document on the page. */
export const desk = {
  menu: 'Document menu',
  find: 'Find and replace',
  showPreview: 'Show preview',
  hidePreview: 'Hide preview',
  language: 'Language of the text',
  plainText: 'Plain text',
  openFile: 'Open a file…',
  downloadText: 'Download as text',
  downloadMarkdown: 'Download as Markdown',
  downloadUpdate: 'Download as Yjs update',
  settings: 'Settings…',
  help: 'Keyboard and help',
  sidePanel: 'Beside the text',
  hideSide: 'Close',
  /** The bar between text and side panel. */
  sideWidth: 'Width of the panel',
  /** What one can do while writing on a phone. */
  writing: 'Writing',
  undo: 'Undo',
  redo: 'Redo',
  hideKeyboard: 'Hide the keyboard',
  drop: 'Drop a file to open it',
  notLoaded: {
    heading: (what: string) => `Not loaded: ${what}`,
    text:
      'You can go on without it, and your text is not affected. Without a network only what was used before is here; ' +
      'after an update of the server, load the page again.',
    grammar: (language: string) => `the colours of ${language}`,
    keys: (editor: string) => `the keys of ${editor}`,
    preview: 'the preview',
    find: 'find and replace',
  },
  inserted: (name: string) => `${name} was inserted.`,
  merged: (name: string) => `${name} was merged in.`,
  notOpened: (name: string) => `${name} was not opened`,
  why: {
    readOnly: 'You may read this document, and not write in it.',
    notHere: 'The document is still being opened.',
    several: 'Open one file at a time.',
    tooLarge: (megabytes: number) => `It is larger than ${megabytes} MB.`,
    empty: 'It is empty.',
    unreadable: 'It could not be read.',
    notText: 'It is not a text: it has characters in it that no text has.',
    notUtf8: 'It is not a text in UTF-8. Save it as UTF-8, and try again.',
    notAnUpdate: (reason: string) => `It is not a whole Yjs document (${reason}).`,
    update: {
      damaged: 'it is damaged, or something else',
      tooMuch: 'there is more in it than a document may have',
      nothing: 'there is nothing in it',
      incomplete: 'parts of it are missing',
      tooDeep: 'it is nested too deep',
    },
  },
  ok: 'OK',
  merge: {
    heading: 'Merge a file into this document?',
    /** @param characters of the text in it, as written in the reader's language */
    text: (name: string, characters: string) =>
      `${name} holds a document with a text of ${characters} characters. What it has, and this document has not, ` +
      'is added, and what was deleted in it is deleted here. Undo does not take that back.',
    confirm: 'Merge',
  },
}
