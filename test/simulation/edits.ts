import * as Y from 'yjs'
import type { SeededRandom } from '../support/random.js'
import type { Ledger } from './ledger.js'

/** Each typed character occurs once in a run, so that whatever comes twice or from nowhere is seen. */
const FIRST_CHARACTER = 0x4e00

/** Makes edits that can be told apart. */
export class Typing {
  readonly #ledger: Ledger
  #typed = 0

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** One transaction with one to four changes. */
  edit(doc: Y.Doc, documentId: string, random: SeededRandom): void {
    doc.transact(() => {
      const changes = random.chance(0.7) ? 1 : 1 + random.below(4)
      for (let n = 0; n < changes; n++) this.#change(doc, documentId, random)
    })
  }

  /** Much at once. */
  paste(doc: Y.Doc, documentId: string, random: SeededRandom): void {
    const text = doc.getText('text')
    text.insert(random.below(text.length + 1), this.#characters(documentId, 50 + random.below(200)))
  }

  #change(doc: Y.Doc, documentId: string, random: SeededRandom): void {
    const text = doc.getText('text')
    const kind = random.fraction()
    if (kind < 0.6) {
      const at = random.below(text.length + 1)
      text.insert(at, this.#characters(documentId, 1 + random.below(3)))
    } else if (kind < 0.8) {
      this.#erase(text, documentId, random)
    } else if (kind < 0.88) {
      doc.getMap('map').set(random.pick(['x', 'y', 'z']), random.below(1_000))
    } else {
      this.#nested(doc, documentId, random)
    }
  }

  #erase(text: Y.Text, documentId: string, random: SeededRandom): void {
    if (text.length === 0) return
    const at = random.below(text.length)
    const length = 1 + random.below(Math.min(4, text.length - at))
    const { deleted } = this.#ledger.of(documentId)
    for (const character of text.toString().slice(at, at + length)) deleted.add(character)
    text.delete(at, length)
  }

  /** A text in a list, or a change of one that is there: its structs depend on their parent. */
  #nested(doc: Y.Doc, documentId: string, random: SeededRandom): void {
    const list = doc.getArray<Y.Text>('list')
    if (list.length === 0 || random.chance(0.4)) {
      list.insert(random.below(list.length + 1), [new Y.Text(this.#characters(documentId, 1))])
      return
    }
    const text = list.get(random.below(list.length))
    text.insert(random.below(text.length + 1), this.#characters(documentId, 1))
  }

  #characters(documentId: string, length: number): string {
    let characters = ''
    for (let n = 0; n < length; n++) {
      characters += String.fromCharCode(FIRST_CHARACTER + (this.#typed++ % 20_000))
    }
    const { typed } = this.#ledger.of(documentId)
    for (const character of characters) typed.add(character)
    return characters
  }
}

/** All text of a document, wherever it is. */
export function charactersOf(doc: Y.Doc): string {
  const nested = doc.getArray<Y.Text>('list').map((text) => text.toString())
  return doc.getText('text').toString() + nested.join('')
}

/** Everything a replica holds, in one string: equal for equal replicas. */
export function fingerprint(doc: Y.Doc): string {
  const vector = [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([a], [b]) => a - b)
  const deletes = [...Y.snapshot(doc).ds.clients]
    .sort(([a], [b]) => a - b)
    .map(([client, ranges]) => [client, ...ranges.map(({ clock, len }) => [clock, len])])
  const map = Object.entries(doc.getMap('map').toJSON()).sort(([a], [b]) => (a < b ? -1 : 1))
  const content = [doc.getText('text').toString(), doc.getArray('list').toJSON(), map]
  const pending = [doc.store.pendingStructs !== null, doc.store.pendingDs !== null]
  return JSON.stringify({ content, vector, deletes, pending })
}
