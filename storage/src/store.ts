/**
 * The contract between the server and any store.
 *
 * A document is a log of Yjs V1 updates, numbered from 1 without holes, plus at most one snapshot that stands for
 * the numbers up to and including `upToSeq`. The updates after the snapshot are the tail. A store never looks inside
 * an update and never merges, reorders or drops one; it returns the bytes it was given or fails.
 *
 * With its content a document has authors: whose the client ids are that write in it. They stay whatever the log is
 * compacted to. Beside its content it has an info: its title, and when it came and went; content and info may each be
 * there alone. Damage of authors or info never reaches the content.
 *
 * Callers keep two rules: for one document no two of `append`, `compact`, `mark`, `writeInfo` and `delete` run at the
 * same time (the server has one queue per document), and nothing is appended that does not begin at `lastSeq + 1`.
 */
export interface DocumentStore {
  /**
   * Checks and opens the store; must be called once, before anything else.
   *
   * @throws CoscribeError `store-locked`, `store-foreign`, `store-newer` or `store-damaged`
   */
  open(): Promise<void>

  /** Waits for running calls, then releases the store. Harmless when called twice. */
  close(): Promise<void>

  /**
   * The whole stored document, or `undefined` for an id that was never stored.
   *
   * @throws CoscribeError `document-unavailable` when any part of it is missing or fails its checks: a damaged
   * document is never returned empty or shorter
   */
  load(documentId: string): Promise<StoredDocument | undefined>

  /**
   * Appends to the logs of several documents at once: all of it, or none. When the promise resolves, the bytes are
   * durable at the store's stated level, and so are the authors that came with them. When it rejects, nothing may be
   * relied upon: the bytes may or may not show up in a later load, and the caller appends the same numbers again, with
   * the same authors. Of an append with no number that is new nothing is stored.
   *
   * @throws CoscribeError `storage-unavailable` when the disk did not take it: worth trying again
   * @throws CoscribeError `document-unavailable` when one of the documents is damaged, `history-mismatch` when one has
   * another history: nothing of the batch is stored, the others have to be appended without it
   */
  append(batch: readonly Append[]): Promise<void>

  /**
   * Replaces everything up to and including `snapshot.upToSeq` by the snapshot, atomically and durably.
   * Later numbers are untouched. `upToSeq` is at most the document's `lastSeq`.
   */
  compact(documentId: string, snapshot: Snapshot): Promise<void>

  /** Sets or clears (`null`) the reason why a document may not be written, durably. */
  mark(documentId: string, readOnlyReason: string | null): Promise<void>

  /**
   * Removes the document, its authors and its info durably. Removing one that is not there is not an error.
   *
   * @throws CoscribeError `document-unavailable` for a damaged document, which is kept for whoever can repair it
   */
  delete(documentId: string): Promise<void>

  /** A page of document ids in the order of their UTF-8 bytes, damaged documents included. */
  list(options?: ListOptions): Promise<DocumentPage>

  /**
   * What is known of a document without loading it, or `undefined` for an id that was never stored.
   *
   * @throws CoscribeError `document-unavailable` when it is known to be damaged
   */
  stat(documentId: string): Promise<DocumentStat | undefined>

  /**
   * What is known about a document, or `undefined` for an id of which nothing was ever stored. Of one whose info is
   * absent or damaged that is {@link unknownInfo}; it is never taken from another document. Also of documents that
   * cannot be loaded.
   */
  readInfo(documentId: string): Promise<DocumentInfo | undefined>

  /**
   * Replaces the infos of up to 1,000 documents, which need have no content: all of them, or none, durably.
   *
   * @throws CoscribeError `storage-unavailable`, or `document-unavailable` where a damaged document would have to be
   * put into the trash or taken out
   */
  writeInfo(batch: readonly InfoEntry[]): Promise<void>

  /**
   * A page of the infos of documents that are in the trash, or of those that are not, those changed last first, and
   * of equally old ones by id. A document with content that has no info yet is not among them; it is given one when
   * the store is opened the next time.
   */
  listInfo(options: InfoListOptions): Promise<InfoPage>
}

/** What is known about a document besides its content. Times are wall-clock milliseconds, whole and not negative. */
export interface DocumentInfo {
  /** As it was given, at most 1,000 UTF-16 units; empty for none. */
  readonly title: string
  /** `null` where nobody wrote it down. */
  readonly createdAt: number | null
  /** The subject that made it, at most 1,000 UTF-16 units; `null` where nobody is asked, or nobody wrote it down. */
  readonly createdBy: string | null
  /** 0 where it is not known. */
  readonly updatedAt: number
  /** When it was put into the trash; `null` while it is not there. */
  readonly trashedAt: number | null
  readonly trashedBy: string | null
}

/** What is known of a document about which nothing is written down. */
export const unknownInfo: DocumentInfo = Object.freeze({
  title: '',
  createdAt: null,
  createdBy: null,
  updatedAt: 0,
  trashedAt: null,
  trashedBy: null,
})

/** A document's info and whose it is. */
export interface InfoEntry {
  readonly documentId: string
  readonly info: DocumentInfo
}

/** A place in the order of {@link DocumentStore.listInfo}; there need be nothing at it. */
export interface InfoPlace {
  readonly updatedAt: number
  readonly documentId: string
}

export interface InfoListOptions {
  /** Those in the trash, or those that are not. */
  readonly trashed: boolean
  /** Return what comes after this place; from the start when absent. */
  readonly after?: InfoPlace
  /** At most this many, 1 … 1,000; 100 when absent. */
  readonly limit?: number
}

export interface InfoPage {
  readonly entries: readonly InfoEntry[]
  /** Where the next page begins, or `null` after the last. */
  readonly next: InfoPlace | null
}

/** Whose a client id of a document is. */
export interface Author {
  /** The Yjs client id, a whole number up to 2^53 - 1. */
  readonly client: number
  /** Who wrote as this client first, by a credential's subject or whatever else stands for them: 1 to 1,000 UTF-16 units. */
  readonly subject: string
}

/** New updates of one document. */
export interface Append {
  readonly documentId: string
  /** Written with the first append of a document; later ones must carry the same. */
  readonly historyId: string
  /** Number of `updates[0]`; the others follow. */
  readonly firstSeq: number
  /** One or more Yjs V1 updates, in order. The store may keep the arrays: they must not be changed any more. */
  readonly updates: readonly Uint8Array[]
  /**
   * Authors that became known with these updates; none when absent. They are stored in the same write as the updates,
   * so that both are there or neither is. Of a client that has one already the author stays who it was; a store may
   * keep what it was told again.
   */
  readonly authors?: readonly Author[]
}

/** The merged state of a document up to a sequence number. */
export interface Snapshot {
  readonly upToSeq: number
  /** Valid Yjs V1 updates to be applied in this order; at least one. */
  readonly parts: readonly Uint8Array[]
}

export interface StoredDocument {
  /** 32 lower-case hex digits, drawn when the document's content was created. */
  readonly historyId: string
  readonly snapshot: Snapshot | null
  /** The updates after the snapshot, in order: the first has number `tailFirstSeq`. */
  readonly tail: readonly Uint8Array[]
  /** `snapshot.upToSeq + 1`, or 1 without a snapshot. */
  readonly tailFirstSeq: number
  /** The last number in the log; `tailFirstSeq - 1` when the tail is empty. */
  readonly lastSeq: number
  /** Why the document may not be written, or `null`. */
  readonly readOnlyReason: string | null
  /**
   * By client id the subject of its author, as far as that is known: one that is lost or damaged is unknown, and so are
   * those above a bound ({@link AuthorShares}).
   */
  readonly authors: ReadonlyMap<number, string>
}

export interface DocumentStat {
  readonly historyId: string
  readonly lastSeq: number
  readonly snapshotSeq: number
  /** Stored bytes of snapshot and tail, without the store's own overhead. */
  readonly bytes: number
  readonly readOnlyReason: string | null
  /** When it was put into the trash, as the document's own records say; `null` while it is not there. */
  readonly trashedAt: number | null
}

export interface ListOptions {
  /** Return ids after this cursor, as a previous page gave it; from the start when absent. */
  readonly after?: string
  /** At most this many ids, 1 … 1,000; 100 when absent. */
  readonly limit?: number
}

export interface DocumentPage {
  readonly ids: readonly string[]
  /** Where the next page begins, or `null` after the last. */
  readonly next: string | null
}
