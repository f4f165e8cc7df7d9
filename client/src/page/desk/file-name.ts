/** Longest name without its ending, in UTF-16 units. */
const MAX_NAME = 100

/** What no system takes in the name of a file, and what shows it as something else than it is. */
const UNUSABLE = /[\p{Cc}\p{Cf}\\/:*?"<>|]/gu

/**
 * The name under which a document is downloaded.
 *
 * @param title anything; may be empty
 * @param documentId stands in where there is no title
 * @param ending without the dot
 */
export function fileName(title: string, documentId: string, ending: string): string {
  const name = clean(title) || clean(documentId)
  return name.toLowerCase().endsWith(`.${ending}`) ? name : `${name}.${ending}`
}

function clean(text: string): string {
  return text.replaceAll(UNUSABLE, '-').trim().replace(/^\.+/, '').slice(0, MAX_NAME).trim()
}
