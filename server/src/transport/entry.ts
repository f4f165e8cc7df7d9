import type { Gate } from './gate.js'
import type { Titles } from './renames.js'
import type { RoomDoor } from './room-door.js'

/** The way in: first who somebody is and what they may do, then the document. */
export interface Entry {
  readonly gate: Gate
  readonly door: RoomDoor
  readonly titles: Titles
}
