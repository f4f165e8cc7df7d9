import { AckLedger } from './ack-ledger.js'

/** How far a session has come: which of its messages are safe, and which of the room's it was sent. */
export class Progress {
  readonly #acks = new AckLedger()
  #announcedAck = 0
  /** Everything up to here was sent to the peer; -1 until it is current for the first time. */
  #deliveredSeq = -1
  #durableSeq = 0
  #announcedSeq = -1
  #resumePointDue = false

  /** The peer's next message was taken, and is safe when everything up to `seq` is. */
  accepted(seq: number): void {
    this.#acks.accepted(seq, this.#durableSeq)
  }

  /** The peer's next message was refused. Returns its count. */
  refused(): number {
    return this.#acks.refused()
  }

  /** It is decided later what becomes of the peer's next message. Returns its count. */
  held(): number {
    return this.#acks.held()
  }

  /** A held message was decided: with all that came meanwhile it is safe when everything up to `seq` is. */
  decided(seq: number): void {
    this.#acks.decided(seq)
    this.#acks.durable(this.#durableSeq)
  }

  /** The peer was sent everything up to `seq`, for the first time or again. */
  current(seq: number): void {
    this.#deliveredSeq = Math.max(this.#deliveredSeq, seq)
    this.#resumePointDue = true
  }

  /** The peer goes on from a point it was told before. */
  resumed(pointSeq: number): void {
    this.#announcedSeq = pointSeq
    this.#deliveredSeq = pointSeq
  }

  /** The peer was sent the updates up to `seq`; before it is current that says nothing. */
  delivered(seq: number): void {
    if (this.#deliveredSeq >= 0) this.#deliveredSeq = Math.max(this.#deliveredSeq, seq)
  }

  /** Everything up to `seq` is on disk. */
  durable(seq: number): void {
    this.#durableSeq = Math.max(this.#durableSeq, seq)
    this.#acks.durable(this.#durableSeq)
  }

  get hasAck(): boolean {
    return this.#acks.acked > this.#announcedAck
  }

  /** Whether there is a resume point that the peer has not been told. */
  get hasResumePoint(): boolean {
    return this.#resumeSeq() > this.#announcedSeq
  }

  /** The next {@link takeResumePoint} gives the point that there is then. */
  wantResumePoint(): void {
    this.#resumePointDue = true
  }

  /** The count to acknowledge now, which counts as told from here on; 0 if the peer knows it. */
  takeAck(): number {
    if (!this.hasAck) return 0
    this.#announcedAck = this.#acks.acked
    // By its first point above 0 a client knows that this history is on disk. It must know as soon as it says "saved",
    // or it would take another history in whose place this one was put meanwhile for its own.
    if (this.#announcedSeq <= 0) this.#resumePointDue = true
    return this.#announcedAck
  }

  /** The resume point to tell now, which counts as told from here on; -1 if none is wanted or the peer knows it. */
  takeResumePoint(): number {
    if (!this.#resumePointDue) return -1
    this.#resumePointDue = false
    if (!this.hasResumePoint) return -1
    this.#announcedSeq = this.#resumeSeq()
    return this.#announcedSeq
  }

  /** The number up to which the peer has everything and the disk too. */
  #resumeSeq(): number {
    return Math.min(this.#deliveredSeq, this.#durableSeq)
  }
}
