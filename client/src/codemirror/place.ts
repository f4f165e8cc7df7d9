import * as Y from 'yjs'

/** A place in a text that stays where it is while the text changes: before a character, or at the end. */
export type Place = { readonly client: number; readonly clock: number } | 'end'

/** The place before the character at `index`. Costs a walk through the text. */
export function placeAt(ytext: Y.Text, index: number): Place {
  const { item } = Y.createRelativePositionFromTypeIndex(ytext, index)
  return item === null ? 'end' : { client: item.client, clock: item.clock }
}

/** Where a place is now, or `null` if it is not in this text, or not yet. Costs a walk through the text. */
export function indexOf(ytext: Y.Text, place: Place): number | null {
  if (place === 'end') return ytext.length
  if (ytext.doc === null) return null
  const { client, clock } = place
  const relative = new Y.RelativePosition(null, null, Y.createID(client, clock))
  // What somebody undid is followed by their replica only; for all to agree, nobody may follow.
  const position = Y.createAbsolutePositionFromRelativePosition(relative, ytext.doc, false)
  return position?.type === ytext ? position.index : null
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

/** A place in a few bytes. */
export function placeToText(place: Place): string {
  return place === 'end' ? 'end' : `${place.client}.${place.clock}`
}

/** Reads what {@link placeToText} wrote from what a stranger sent, or `null`. */
export function placeFromText(text: unknown): Place | null {
  if (text === 'end') return 'end'
  if (typeof text !== 'string' || !/^\d{1,16}\.\d{1,16}$/.test(text)) return null
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
