// What packages bring along that a page does without, taken out while they are bundled.

/** The package says of what registers its keys and commands that it has no effect, and would be left without them. */
const emacsKeys = {
  name: 'emacs-keys',
  transform(code, id) {
    if (!id.includes('/codemirror-emacs/')) return null
    return { code: code.replaceAll('/*@__PURE__*/EmacsHandler.', 'EmacsHandler.'), map: null }
  },
}

const COPY = '?keys-of-other-editors'

/**
 * Vim and Emacs use commands that ask a grammar, and modules are shared as a whole: everybody's first load had the
 * grammars' runtime with it, a tenth of the page. They have a copy of their own; commands keep nothing to be shared.
 */
const ownCommands = {
  name: 'own-commands',
  enforce: 'pre',
  async resolveId(id, importer) {
    if (id !== '@codemirror/commands' || !/\/codemirror-(?:vim|emacs)\//.test(importer ?? ''))
      return null
    const found = await this.resolve(id, importer, { skipSelf: true })
    return found === null ? null : { ...found, id: found.id + COPY }
  },
}

const PLAIN_LOG = '\0plain-log'

/**
 * Yjs says three things to the console, and the colours for them bring a library of schemas and one of random tests,
 * which is larger than some grammars.
 */
const plainLog = {
  name: 'plain-log',
  enforce: 'pre',
  resolveId: (id) => (id === 'lib0/logging' ? PLAIN_LOG : null),
  load: (id) => (id === PLAIN_LOG ? logSource : null),
}

const logSource = `
const colour = Symbol()
const said = (args) => args.filter((arg) => arg !== colour)
export const print = (...args) => console.log(...said(args))
export const warn = (...args) => console.warn(...said(args))
export { colour as BOLD, colour as ORANGE, colour as RED, colour as UNBOLD }
`

export const slimPackages = [emacsKeys, ownCommands, plainLog]
