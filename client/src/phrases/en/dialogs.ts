/** What opens above the page. */
export const dialogs = {
  close: 'Close',
  cancel: 'Cancel',
  help: {
    keyboard: 'Keyboard',
    undo: 'Undo your own changes',
    redo: 'Redo',
    find: 'Find and replace',
    preview: 'Show or hide the preview',
    selectAll: 'Select everything',
    moveLine: 'Move the line',
    addCursor: 'Add a cursor',
    titleToText: 'From the title to the text',
    textToNext: 'From the text to the next control',
    alwaysToNext: 'To the next control, whatever Tab does (one after the other)',
    tabTo: 'Switch what Tab does in the text',
    whoIsHere: 'Read out who is here',
    closeOpen: 'Close what is open',
    thisHelp: 'This help; also ? outside of the text',
    saved: 'Saved',
    savedMeans:
      'What you wrote is on the disk of the server. Without a connection it stays on this device, ' +
      'also when you close the page, and is sent as soon as you are back.',
    /** Names of keys. */
    keys: {
      control: 'Ctrl',
      alt: 'Alt',
      shift: 'Shift',
      enter: 'Enter',
      tab: 'Tab',
      escape: 'Esc',
      click: 'click',
    },
  },
  name: {
    heading: 'Your name and colour',
    hint: 'Others see them at your cursor.',
    confirm: 'Use both',
  },
  signOut: {
    heading: 'Sign out',
    byToken: 'You came with an access token.',
    signedInAs: (name: string) => `You are signed in as ${name}.`,
    confirm: 'Sign out',
  },
  otherLink: {
    heading: 'Go on as somebody else?',
    /** @param to as whom somebody came, and whose link it is; each is empty when that is not known */
    text: ({ who, next }: { who: string; next: string }) =>
      (who === '' ? 'You came with an access token.' : `You are signed in as ${who}.`) +
      ` The link that you opened is ${next === '' ? 'another person' : next}’s.`,
    stay: 'Stay',
    confirm: 'Use the link',
  },
  replaced: {
    heading: 'This tab is not signed in any more',
    text: 'In another tab of this browser somebody else signed in, or you signed out.',
    stay: 'Stay, to copy them',
    confirm: 'Go on without them',
  },
  /** Two halves of one sentence; the first one is emphasised. */
  losing: {
    where: 'Your last changes are only in this tab',
    consequence: 'and would be lost.',
  },
}
