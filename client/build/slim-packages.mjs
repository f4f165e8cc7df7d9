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

/** Its own history, which would undo what others wrote, stayed for one constant that was put on its class from outside. */
const noHistory = {
  name: 'no-history',
  transform(code, id) {
    if (!id.includes('/@codemirror/commands/')) return null
    const outside = /^HistoryState\.empty = (.+)$/m.exec(code)
    if (outside === null) return null
    const head = 'class HistoryState {'
    const within = code
      .replace(outside[0], '')
      .replace(head, `${head}\nstatic empty = ${outside[1]}`)
    return { code: within, map: null }
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

/** Our templates, which nobody else makes smaller: indentation means nothing in them, and in styles neither do line ends. */
const smallTemplates = {
  name: 'small-templates',
  enforce: 'pre',
  transform(code, id) {
    if (!/\/client\/src\/.*\.ts$/.test(id)) return null
    const small = code.replaceAll(/\bcss`[^`]*`/g, smallStyles).replaceAll(/^[ \t]+/gm, '')
    return { code: small, map: null }
  },
}

function smallStyles(template) {
  return template
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,]) |(:) /g, '$1$2')
    .replaceAll(';}', '}')
}

export const slimPackages = [emacsKeys, ownCommands, noHistory, plainLog, smallTemplates]

/** One file has everything inside: what others load later is imported like the rest, without a function around it. */
export const allInside = {
  name: 'all-inside',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('/client/src/')) return null
    const imports = []
    const inside = code.replaceAll(/await import\('([^']+)'\)/g, (_, path) => {
      const name = `inside${imports.length}`
      imports.push(`import * as ${name} from '${path}'\n`)
      return name
    })
    return imports.length === 0 ? null : { code: imports.join('') + inside, map: null }
  },
}

/** Words of what a file for a script tag has not: neither the preview nor finding and replacing is in it. */
export const fewerWords = {
  name: 'fewer-words',
  enforce: 'pre',
  load(id) {
    const [, name] = /\/client\/src\/phrases\/[a-z]+\/(find|preview)\.ts$/.exec(id) ?? []
    return name === undefined ? null : `export const ${name} = {}`
  },
}
