import * as Y from 'yjs'
import { RawClient } from './raw-client.js'

/** An edit that types `text` at the beginning. */
export const typed = (text: string) => (doc: Y.Doc) => doc.getText('t').insert(0, text)

/** What was typed, as this client has it. */
export const textOf = (client: RawClient): string => client.doc.getText('t').toString()

/** A client of each dialect, in one document. */
export async function syncedPair(url: string, id = 'doc'): Promise<[RawClient, RawClient]> {
  return [
    await RawClient.joined(url, id, 'y-websocket'),
    await RawClient.joined(url, id, 'coscribe.v1'),
  ]
}
