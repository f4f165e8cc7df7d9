import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CoscribeError } from '@coscribe/shared'
import { replaceFile } from '@coscribe/storage'

/**
 * The file: JSON with `format` (1), `items`, and `checksum`, 16 hex digits of the SHA-256 of `items` as JSON without
 * spaces. It is replaced as a whole, so that after a crash it is the one from before or the new one.
 */
const FORMAT = 1

/**
 * A short list in a file of its own, that is read once and written whole. Whatever is wrong with the file stops the
 * start: a list that is shorter than it was would let in whom it keeps out.
 */
export class KeptList<Item> {
  readonly #path: string | null
  readonly #itemFrom: (value: unknown) => Item | null
  readonly #items: () => readonly Item[]
  #writing: Promise<void> = Promise.resolve()
  #next: Promise<void> | null = null

  /**
   * @param path `null`: it is kept in memory only
   * @param itemFrom what a value in the file says, `null` if it is none of ours
   * @param items what there is to keep at the moment of a write
   */
  constructor(
    path: string | null,
    itemFrom: (value: unknown) => Item | null,
    items: () => readonly Item[],
  ) {
    this.#path = path
    this.#itemFrom = itemFrom
    this.#items = items
  }

  /**
   * What the file holds; nothing, where there is none yet.
   *
   * @throws CoscribeError `store-damaged`, `store-newer`, or `storage-unavailable` when it cannot be read
   */
  async read(): Promise<readonly Item[]> {
    if (this.#path === null) return []
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (cause) {
      if ((cause as { code?: unknown }).code === 'ENOENT') return []
      throw new CoscribeError('storage-unavailable', `${this.#path} cannot be read`, { cause })
    }
    return this.#parse(text)
  }

  /**
   * Resolves when everything that the list holds now is on disk. While one write is under way, all who ask share the
   * next.
   *
   * @throws CoscribeError `storage-unavailable`
   */
  save(): Promise<void> {
    if (this.#path === null) return Promise.resolve()
    const path = this.#path
    this.#next ??= this.#writing
      .catch(() => {
        // It was told to who asked for that write; this one has everything again.
      })
      .then(() => {
        this.#writing = this.#next ?? this.#writing
        this.#next = null
        return this.#write(path)
      })
    return this.#next
  }

  async #write(path: string): Promise<void> {
    const items = this.#items()
    const text = JSON.stringify({ format: FORMAT, items, checksum: checksumOf(items) })
    try {
      await replaceFile(path, `${text}\n`)
    } catch (cause) {
      throw new CoscribeError('storage-unavailable', `${path} cannot be written`, { cause })
    }
  }

  #parse(text: string): readonly Item[] {
    const { format, items, checksum } = fieldsOf(text)
    if (typeof format === 'number' && format > FORMAT) {
      throw new CoscribeError('store-newer', `${this.#path} was written by a newer version`)
    }
    if (format !== FORMAT || !Array.isArray(items) || checksum !== checksumOf(items)) {
      throw this.#damaged()
    }
    return items.map((value: unknown) => {
      const item = this.#itemFrom(value)
      if (item === null) throw this.#damaged()
      return item
    })
  }

  #damaged(): CoscribeError {
    return new CoscribeError(
      'store-damaged',
      `${this.#path} is damaged, and without it people could come in who were put out: restore it from a backup, ` +
        'or remove it after exchanging the keys that tokens are signed with',
    )
  }
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // Not JSON: it has none of the fields.
    return {}
  }
}

function checksumOf(items: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(items), 'hex').slice(0, 16)
}
