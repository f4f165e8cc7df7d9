import { stripVTControlCharacters } from 'node:util'

/**
 * What libraries print in tests hundreds of times, of which nobody learns anything: yjs when an update continues the
 * client id of the copy it is applied to, which is what forgers and floods do; Lit where it is not built for a page.
 */
const KNOWN: ReadonlySet<string> = new Set([
  '[yjs] Changed the client-id because another client seems to be using it.',
  'Lit is in dev mode. Not recommended for production! See https://lit.dev/msg/dev-mode for more information.',
])

/** Whether some output consists of such lines alone. */
export function isLibraryTalk(output: string): boolean {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines.length > 0 && lines.every((line) => KNOWN.has(line.trim()))
}
