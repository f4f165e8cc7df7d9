import type { PresenceState } from '../presence.js'
import type * as Y from 'yjs'
import { hueOf, HUES } from './hue.js'
import { placeFromJson, rangeFromText, type PlacedRange } from './place.js'
import { activityOf, personOf, type Activity } from './who.js'

/** How a person appears. */
export interface PeerLook {
  /** Cleaned and shortened; empty when they gave none. */
  readonly name: string
  /** 0 … 15, in steps of 22.5 degrees. */
  readonly hue: number
}

/** What somebody else shows of themselves, checked. */
export interface PeerState extends PeerLook {
  /** Who they are, in all their tabs. */
  readonly person: string
  readonly activity: Activity
  readonly focused: boolean
  readonly ranges: readonly PlacedRange[]
}

/** Ranges of one person that are sent and shown. */
export const MAX_RANGES = 100
const MAX_NAME_LENGTH = 40
/** Control characters, and those that would turn the text around a name. */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** What a name cannot consist of alone: marks, spaces and fillers that draw nothing. */
const INVISIBLE = /[^\p{L}\p{N}\p{P}\p{S}]|[\u115f\u1160\u2800\u3164\uffa0]/gu

/** How somebody appears, by what they sent: anything that came as JSON. */
export function lookOf(clientId: number, state: PresenceState): PeerLook {
  const user = state['user']
  const nested = typeof user === 'object' && user !== null && 'name' in user ? user.name : undefined
  const name = cleanName(state['name'] ?? nested)
  const { hue } = state
  return { name, hue: isHue(hue) ? hue : hueOf(name === '' ? String(clientId) : name) }
}

export function isHue(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < HUES
}

/** What somebody shows, as far as it can be used: anything that came as JSON. */
export function peerStateOf(ytext: Y.Text, clientId: number, state: PresenceState): PeerState {
  const focused = state['focused'] !== false
  return {
    ...lookOf(clientId, state),
    person: personOf(clientId, state),
    activity: activityOf(state),
    focused,
    ranges: rangesFrom(ytext, state),
  }
}

/** A name as it can be shown, in one line and not too long; empty for what is none. */
export function cleanName(value: unknown): string {
  if (typeof value !== 'string') return ''
  const printable = value
    .slice(0, 10 * MAX_NAME_LENGTH)
    .replaceAll(UNPRINTABLE, '')
    .trim()
  const name = Array.from(printable).slice(0, MAX_NAME_LENGTH).join('')
  return name.replaceAll(INVISIBLE, '') === '' ? '' : name
}

/** `cursor` is the main range in the form of other Yjs editor bindings, `ranges` is a list of all further ones. */
function rangesFrom(ytext: Y.Text, { cursor, ranges }: PresenceState): PlacedRange[] {
  if (typeof cursor !== 'object' || cursor === null) return []
  const main = cursor as { anchor?: unknown; head?: unknown }
  const further: unknown[] = Array.isArray(ranges) ? ranges.slice(0, MAX_RANGES - 1) : []
  const anchor = placeFromJson(ytext, main.anchor)
  const head = placeFromJson(ytext, main.head)
  const first = anchor === null || head === null ? null : { anchor, head }
  return [first, ...further.map(rangeFromText)].filter((range) => range !== null)
}
