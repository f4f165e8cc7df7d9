import { WireReader, WireWriter } from '@coscribe/shared'

/** One awareness state as it travels: who, how new, and its JSON in UTF-8 (a view of the message). */
export interface PresenceEntry {
  readonly clientId: number
  readonly clock: number
  /** `null` when the client has no state, on the wire the JSON text `null`. */
  readonly state: Uint8Array | null
}

/** Above any room that keeps to the limit on sessions per document; bounds what one message allocates. */
const MAX_ENTRIES = 10_000
/** A clock that counts changes of one client does not get there; refused, since nobody could ever exceed it. */
const MAX_CLOCK = 2 ** 31 - 1
const MAX_CLIENT_ID = 2 ** 32 - 1

const NULL = new Uint8Array([0x6e, 0x75, 0x6c, 0x6c])

/** The states of an awareness update, not looked into; or, as a string, why it is none. */
export function decodePresence(update: Uint8Array): PresenceEntry[] | string {
  const reader = new WireReader(update)
  const count = reader.varUint(MAX_ENTRIES, 'the number of presence states')
  const entries: PresenceEntry[] = []
  for (let index = 0; index < count && reader.fault === null; index++) {
    const clientId = reader.varUint(MAX_CLIENT_ID, 'a presence client id')
    const clock = reader.varUint(MAX_CLOCK, 'a presence clock')
    const json = reader.varBytes('a presence state')
    entries.push({ clientId, clock, state: isNull(json) ? null : json })
  }
  reader.end()
  return reader.fault ?? entries
}

/** One state in the form in which {@link encodePresence} strings them together. */
export function encodeEntry(entry: PresenceEntry): Uint8Array {
  const state = entry.state ?? NULL
  return new WireWriter(state.length + 16)
    .varUint(entry.clientId)
    .varUint(entry.clock)
    .varBytes(state)
    .finish()
}

/** An awareness update of states that {@link encodeEntry} encoded. */
export function encodePresence(encoded: readonly Uint8Array[]): Uint8Array {
  const count = new WireWriter(8).varUint(encoded.length).finish()
  let length = count.length
  for (const bytes of encoded) length += bytes.length
  const update = new Uint8Array(length)
  update.set(count)
  let at = count.length
  for (const bytes of encoded) {
    update.set(bytes, at)
    at += bytes.length
  }
  return update
}

function isNull(json: Uint8Array): boolean {
  return json.length === NULL.length && json.every((byte, index) => byte === NULL[index])
}
