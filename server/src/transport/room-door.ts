import { checkDocumentId, CoscribeError, type ResumePoint } from '@coscribe/shared'
import type { Logger } from '../log.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Admission } from './admission.js'
import type { Refusal } from './refusal.js'
import type { SessionRoom, SessionRooms, SizedRoom } from './session-room.js'

export interface DoorLimits {
  readonly documentIdBytes: number
  readonly maxConnectionsPerDocument: number
}

/** The way into rooms: checks the id, counts who is inside, and turns failures into close codes. */
export class RoomDoor {
  readonly #rooms: SessionRooms
  readonly #limits: DoorLimits
  readonly #logger: Logger
  readonly #admission: Admission
  readonly #metrics: Pick<Metrics, 'hit'> | null
  readonly #inside = new Map<string, number>()

  constructor(
    rooms: SessionRooms,
    limits: DoorLimits,
    logger: Logger,
    admission: Admission,
    metrics: Pick<Metrics, 'hit'> | null = null,
  ) {
    this.#metrics = metrics
    this.#rooms = rooms
    this.#limits = limits
    this.#logger = logger
    this.#admission = admission
  }

  /**
   * Opens a document, when it is this join's turn; `resume` is from where it wants to go on. The caller joins the room in the same turn it is resumed, and calls {@link leave} exactly once
   * when it has left, or did not join after all. Never rejects; after a refusal there is nothing to leave.
   */
  async enter(documentId: string, resume: ResumePoint | null): Promise<SessionRoom | Refusal> {
    const refusal = this.#check(documentId)
    if (refusal !== null) return refusal
    this.#inside.set(documentId, this.#count(documentId) + 1)
    try {
      const room = await this.#rooms.open(documentId)
      const admitted = this.#admission.enter(bytesFor(room, resume))
      if (admitted === true) return room
      if (await admitted) return await this.#rooms.open(documentId)
      this.leave(documentId)
      return { name: 'overloaded', reason: 'too many are joining at the moment' }
    } catch (error) {
      this.leave(documentId)
      return this.#refusalOf(documentId, error)
    }
  }

  /** One session less in this document. */
  leave(documentId: string): void {
    const left = this.#count(documentId) - 1
    if (left > 0) this.#inside.set(documentId, left)
    else this.#inside.delete(documentId)
  }

  #count(documentId: string): number {
    return this.#inside.get(documentId) ?? 0
  }

  #check(documentId: string): Refusal | null {
    try {
      checkDocumentId(documentId)
    } catch (error) {
      return { name: 'protocol-error', reason: messageOf(error) }
    }
    const longest = this.#limits.documentIdBytes
    if (Buffer.byteLength(documentId) > longest) {
      return {
        name: 'protocol-error',
        reason: `a document id cannot be longer than ${longest} bytes`,
      }
    }
    if (this.#count(documentId) >= this.#limits.maxConnectionsPerDocument) {
      this.#metrics?.hit('connections-per-document')
      return { name: 'too-many-connections', reason: 'this document has too many connections' }
    }
    return null
  }

  #refusalOf(documentId: string, error: unknown): Refusal {
    if (error instanceof CoscribeError && error.code === 'document-unavailable') {
      return { name: 'document-unavailable', reason: error.message }
    }
    if (error instanceof CoscribeError && error.code === 'trashed') {
      return { name: 'trashed', reason: error.message }
    }
    if (error instanceof CoscribeError && error.code === 'bad-document-id') {
      return { name: 'protocol-error', reason: error.message }
    }
    if (error instanceof CoscribeError && error.code === 'closed') {
      return { name: 'restarting', reason: 'the server is stopping' }
    }
    this.#logger.error({ documentId, err: error }, 'a document could not be opened')
    return { name: 'internal', reason: 'the document could not be opened' }
  }
}

/** About what a join will be sent: nothing to speak of when it can go on from where it was, else the document. */
function bytesFor({ incarnation, log }: SizedRoom, resume: ResumePoint | null): number {
  if (resume?.incarnation === incarnation && resume.seq >= log.snapshotSeq) return 0
  return log.snapshotBytes + log.tailBytes
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
