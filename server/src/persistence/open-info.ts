import { unknownInfo, type DocumentInfo } from '@coscribe/storage'

/** What wants to hear of a title: the room of the document. */
export interface InfoOwner {
  retitled(): void
}

/** What is known of a document that is open, or was changed and is to be written yet. */
export class OpenInfo {
  readonly documentId: string
  /** The room, once there is one. */
  owner: InfoOwner | null = null
  /** How many want it to stay. */
  holders = 0
  /** When edits reached the disk that the stored info does not tell of, in wall-clock milliseconds; 0: none. */
  editedAt = 0
  /** When it was written last, by the clock. */
  writtenAt = -Infinity
  #stored: DocumentInfo | undefined
  /** Who wrote first; `null` while nobody has, or where it is of no use. */
  #author: string | null = null

  constructor(documentId: string, stored: DocumentInfo | undefined) {
    this.documentId = documentId
    this.#stored = stored
    if (stored !== undefined) this.#author = ''
  }

  get title(): string {
    return this.#stored?.title ?? ''
  }

  get isTrashed(): boolean {
    return (this.#stored?.trashedAt ?? null) !== null
  }

  /** Somebody brought an edit; the first of them has made the document. */
  wrote(subject: string | undefined): void {
    this.#author ??= subject ?? ''
  }

  /** What is known now; `undefined` as long as there is nothing of the document. */
  current(): DocumentInfo | undefined {
    const { editedAt } = this
    if (editedAt === 0) return this.#stored
    const stored = this.#stored ?? this.#made(editedAt)
    return { ...stored, updatedAt: Math.max(stored.updatedAt, editedAt) }
  }

  #made(createdAt: number): DocumentInfo {
    return { ...unknownInfo, createdAt, createdBy: this.#author || null }
  }

  /** This is on disk now. */
  take(stored: DocumentInfo, now: number): void {
    const { title } = this
    this.#stored = stored
    this.writtenAt = now
    if (this.editedAt <= stored.updatedAt) this.editedAt = 0
    if (title !== stored.title) this.owner?.retitled()
  }
}
