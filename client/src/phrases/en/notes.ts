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
}
