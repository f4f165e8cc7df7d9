import { CoscribeError } from '@coscribe/shared'
import type {
  Append,
  DocumentInfo,
  DocumentPage,
  DocumentStat,
  DocumentStore,
  InfoEntry,
  InfoListOptions,
  InfoPage,
  ListOptions,
  Snapshot,
  StoredDocument,
} from '@coscribe/storage'

/** A store whose disk can be made to hang or to fail, around one that works. */
export class FaultyStore implements DocumentStore {
  readonly #inner: DocumentStore
  #mode: 'works' | 'hangs' | 'fails' = 'works'
  readonly #hanging = new Set<(passes: boolean) => void>()
  /** Appends that reached the inner store. */
  appends = 0

  constructor(inner: DocumentStore) {
    this.#inner = inner
  }

  /** Writes that hang. */
  get writesHanging(): number {
    return this.#hanging.size
  }

  /** From now on writes neither happen nor settle. */
  hang(): void {
    this.#mode = 'hangs'
  }

  /** Lets the writes through that hang now; later ones go on hanging. */
  letThrough(): void {
    this.#wake(true)
  }

  /** From now on writes are rejected, hanging ones too, and nothing of them is stored. */
  fail(): void {
    this.#mode = 'fails'
    this.#wake()
  }

  /** Writes succeed again, hanging ones too. */
  heal(): void {
    this.#mode = 'works'
    this.#wake()
  }

  async open(): Promise<void> {
    await this.#inner.open()
  }

  async close(): Promise<void> {
    // A process that ends takes its hanging writes with it.
    this.fail()
    await this.#inner.close()
  }

  async load(documentId: string): Promise<StoredDocument | undefined> {
    return this.#inner.load(documentId)
  }

  async append(batch: readonly Append[]): Promise<void> {
    await this.#disk()
    await this.#inner.append(batch)
    this.appends += 1
  }

  async compact(documentId: string, snapshot: Snapshot): Promise<void> {
    await this.#disk()
    await this.#inner.compact(documentId, snapshot)
  }

  async mark(documentId: string, readOnlyReason: string | null): Promise<void> {
    await this.#disk()
    await this.#inner.mark(documentId, readOnlyReason)
  }

  async delete(documentId: string): Promise<void> {
    await this.#disk()
    await this.#inner.delete(documentId)
  }

  async list(options?: ListOptions): Promise<DocumentPage> {
    return this.#inner.list(options)
  }

  async stat(documentId: string): Promise<DocumentStat | undefined> {
    return this.#inner.stat(documentId)
  }

  async readInfo(documentId: string): Promise<DocumentInfo | undefined> {
    return this.#inner.readInfo(documentId)
  }

  async writeInfo(batch: readonly InfoEntry[]): Promise<void> {
    await this.#disk()
    await this.#inner.writeInfo(batch)
  }

  async listInfo(options: InfoListOptions): Promise<InfoPage> {
    return this.#inner.listInfo(options)
  }

  async #disk(): Promise<void> {
    while (this.#mode === 'hangs') {
      if (await new Promise<boolean>((resolve) => this.#hanging.add(resolve))) return
    }
    if (this.#mode === 'fails') {
      throw new CoscribeError('storage-unavailable', 'the disk is made to fail')
    }
  }

  #wake(passes = false): void {
    const hanging = [...this.#hanging]
    this.#hanging.clear()
    for (const resolve of hanging) resolve(passes)
  }
}

/** The document as the store has it, put together by yjs' own rules elsewhere: its updates in order. */
export async function storedUpdates(store: DocumentStore, id: string): Promise<Uint8Array[]> {
  await store.open()
  const stored = await store.load(id)
  return [...(stored?.snapshot?.parts ?? []), ...(stored?.tail ?? [])]
}
