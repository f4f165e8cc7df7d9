/** Something that keeps a room from being connected or saved; see the table of codes in SPEC.md. */
export interface RoomFault {
  /** An error code or the name of a close code; unknown ones may come from newer servers. */
  readonly code: string
  /** One sentence for people. */
  readonly message: string
  /** Whether the room goes on trying by itself. */
  readonly retryable: boolean
}

/** Why a promise of a room was not kept. `code` as in {@link RoomFault}, or `timeout`, or `closed`. */
export class RoomError extends Error {
  readonly code: string
  readonly retryable: boolean

  constructor(fault: RoomFault) {
    super(fault.message)
    this.name = 'RoomError'
    this.code = fault.code
    this.retryable = fault.retryable
  }
}
