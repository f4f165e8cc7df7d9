import * as Y from 'yjs'

/** A place in a text that stays where it is while the text changes: before a character, or at the end. */
export type Place = { readonly client: number; readonly clock: number } | 'end'

/** A range as places. */
export interface PlacedRange {
  readonly anchor: Place
  readonly head: Place
}

const MAX_RANGE_LENGTH = 80

/** The places before the characters at `indices`. Costs one walk through the text, however many there are. */
export function placesAt(ytext: Y.Text, indices: readonly number[]): readonly Place[] {
  const places = indices.map((): Place => 'end')
  const inOrder = [...indices.entries()].sort(([, one], [, two]) => one - two)
  let item = ytext['_start']
  let before = 0
  for (const [i, index] of inOrder) {
    while (item !== null && before + shownLength(item) <= index) {
      before += shownLength(item)
      item = item.right
    }
    if (item === null) break
    places[i] = { client: item.id.client, clock: item.id.clock + index - before }
  }
  return places
}

/**
 * Where places are now, `null` for each that is not in this text, or not yet. Costs one walk through the text, however
 * many there are.
 */
export function indicesOf(ytext: Y.Text, places: readonly Place[]): readonly (number | null)[] {
  const indices = places.map((place) => (place === 'end' ? ytext.length : null))
  const asked = askedItems(ytext, places)
  let before = 0
  for (let item = ytext['_start']; item !== null && asked.size > 0; item = item.right) {
    const asking = asked.get(item) ?? []
    for (const [i, clock] of asking) indices[i] = before + shownOf(item, clock)
    if (asking.length > 0) asked.delete(item)
    before += shownLength(item)
  }
  return indices
}

/** The items that places are in, each with the positions in the list and the clocks of those places. */
function askedItems(ytext: Y.Text, places: readonly Place[]): Map<Y.Item, [number, number][]> {
  const asked = new Map<Y.Item, [number, number][]>()
  for (const [i, place] of places.entries()) {
    const item = place === 'end' ? null : itemAt(ytext, place.client, place.clock)
    if (item === null || place === 'end') continue
    const others = asked.get(item)
    if (others === undefined) asked.set(item, [[i, place.clock]])
    else others.push([i, place.clock])
  }
  return asked
}

/** What somebody undid is followed by their replica only; for all to agree, nobody may follow. */
function itemAt(ytext: Y.Text, client: number, clock: number): Y.Item | null {
  const store = ytext.doc?.store
  if (store === undefined || Y.getState(store, client) <= clock) return null
  const item: unknown = Y.getItem(store, Y.createID(client, clock))
  return item instanceof Y.Item && item.parent === ytext ? item : null
}

function shownLength(item: Y.Item): number {
  return !item.deleted && item.countable ? item.length : 0
}

/** How much of an item is shown before `clock`. */
function shownOf(item: Y.Item, clock: number): number {
  return shownLength(item) === 0 ? 0 : clock - item.id.clock
}

/** A place in the form that other Yjs editor bindings read. */
export function placeToJson(ytext: Y.Text, place: Place): Record<string, unknown> {
  const { type, tname } = Y.createRelativePositionFromTypeIndex(ytext, 0)
  const item = place === 'end' ? {} : { item: { client: place.client, clock: place.clock } }
  return {
    ...(tname === null ? {} : { tname }),
    ...(type === null ? {} : { type: { client: type.client, clock: type.clock } }),
    ...item,
    assoc: 0,
  }
}

/** Reads a place from what a stranger sent, or `null` when it is none in this text. */
export function placeFromJson(ytext: Y.Text, json: unknown): Place | null {
  if (!isRecord(json)) return null
  if (json['item'] !== undefined && json['item'] !== null) return idOf(json['item'])
  const own = placeToJson(ytext, 'end')
  const ownType = idOf(own['type'])
  if (ownType === null) return json['tname'] === own['tname'] ? 'end' : null
  const type = idOf(json['type'])
  return type?.client === ownType.client && type.clock === ownType.clock ? 'end' : null
}

/** A range in a few bytes: one place for a caret, `anchor-head` for a selection. */
export function rangeToText({ anchor, head }: PlacedRange): string {
  const from = placeToText(anchor)
  const to = placeToText(head)
  return from === to ? from : `${from}-${to}`
}

/** Reads what {@link rangeToText} wrote from what a stranger sent, or `null`. */
export function rangeFromText(text: unknown): PlacedRange | null {
  if (typeof text !== 'string') return null
  const [from = '', to = from, ...rest] = text.slice(0, MAX_RANGE_LENGTH).split('-')
  const anchor = placeFromText(from)
  const head = placeFromText(to)
  return anchor === null || head === null || rest.length > 0 ? null : { anchor, head }
}

function placeToText(place: Place): string {
  return place === 'end' ? 'end' : `${place.client}.${place.clock}`
}

function placeFromText(text: string): Place | null {
  if (text === 'end') return 'end'
  if (!/^\d{1,16}\.\d{1,16}$/.test(text)) return null
  const [client, clock] = text.split('.').map(Number)
  return idOf({ client, clock })
}

function idOf(json: unknown): { client: number; clock: number } | null {
  if (!isRecord(json)) return null
  const { client, clock } = json
  return isCount(client) && isCount(clock) ? { client, clock } : null
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
