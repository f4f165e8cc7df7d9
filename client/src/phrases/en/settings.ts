/** How the page is to be, on this device. */
export const settings = {
  heading: 'Settings',
  hint: 'They are kept on this device.',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  language: 'Language of this page',
  asBrowser: 'As the browser',
  textSize: 'Size of the text',
  textSizes: { small: 'Small', normal: 'Normal', large: 'Large', larger: 'Larger' },
  wrap: 'Break long lines',
  lineNumbers: 'Line numbers',
  tabSize: 'Width of a tab',
  keys: 'Keys',
  announce: 'Read out edits of others',
  announced: { nearby: 'Near the caret', all: 'All', off: 'None' },
  keyTables: { plain: 'Usual', vim: 'Vim', emacs: 'Emacs' },
}
