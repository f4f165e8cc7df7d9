import * as Y from 'yjs'
import type { SeededRandom } from './random.js'

const KEYS = ['a', 'b', 'title', 'naïve', '']
const WORDS = ['x', 'word', 'two words', 'línea', '日本', 'end\n', '😀', 'mix😀ed']

export interface CrowdOptions {
  readonly people: number
  readonly gc: boolean
  /** Also cut and delete in the middle of surrogate pairs, where yjs replicas may differ in content. */
  readonly splitsPairs: boolean
}

/**
 * Several people who edit copies of one document at random, with every kind of content, and now and then exchange
 * what they have. Every update that any copy emits is handed over.
 */
export class EditingCrowd {
  readonly docs: Y.Doc[] = []
  readonly #random: SeededRandom
  readonly #options: CrowdOptions
  readonly #onUpdate: (update: Uint8Array) => void
  readonly #ids = new Set<number>()
  readonly #undo = new Map<Y.Doc, Y.UndoManager>()

  constructor(random: SeededRandom, options: CrowdOptions, onUpdate: (update: Uint8Array) => void) {
    this.#random = random
    this.#options = options
    this.#onUpdate = onUpdate
    for (let i = 0; i < options.people; i++) this.docs.push(this.#newDoc())
  }

  /** One edit of one person, or an exchange between two. */
  step(): void {
    const random = this.#random
    const doc = random.pick(this.docs)
    if (random.chance(0.15)) this.#exchange(doc, random.pick(this.docs))
    else if (random.chance(0.02)) this.#reopen(doc)
    else if (random.chance(0.05)) this.#undoOrRedo(doc)
    else doc.transact(() => this.#edits(doc, random.chance(0.2) ? 4 : 1), 'edit')
  }

  destroy(): void {
    for (const manager of this.#undo.values()) manager.destroy()
    for (const doc of this.docs) doc.destroy()
  }

  #newDoc(): Y.Doc {
    const doc = rootedDoc(this.#options.gc)
    do {
      doc.clientID = 1 + this.#random.below(this.#random.chance(0.5) ? 100 : 2 ** 32 - 1)
    } while (this.#ids.has(doc.clientID))
    this.#ids.add(doc.clientID)
    doc.on('update', this.#onUpdate)
    return doc
  }

  #exchange(from: Y.Doc, to: Y.Doc): void {
    if (from === to) return
    Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)))
  }

  /** As a page does when it is loaded again: same content, another client id. */
  #reopen(doc: Y.Doc): void {
    const next = this.#newDoc()
    Y.applyUpdate(next, Y.encodeStateAsUpdate(doc))
    this.#undo.get(doc)?.destroy()
    this.#undo.delete(doc)
    this.docs[this.docs.indexOf(doc)] = next
    doc.destroy()
  }

  #undoOrRedo(doc: Y.Doc): void {
    let manager = this.#undo.get(doc)
    if (manager === undefined) {
      const scope = [doc.getText('text'), doc.getMap('map'), doc.getXmlFragment('xml')]
      manager = new Y.UndoManager(scope, { trackedOrigins: new Set(['edit']), captureTimeout: 0 })
      this.#undo.set(doc, manager)
    }
    if (this.#random.chance(0.6)) manager.undo()
    else manager.redo()
  }

  #edits(doc: Y.Doc, count: number): void {
    for (let i = 0; i < count; i++) {
      const kind = this.#random.below(10)
      if (kind < 4) this.#editText(doc.getText('text'))
      else if (kind < 6) this.#editMap(doc.getMap('map'), 2)
      else if (kind < 8) this.#editArray(doc.getArray('array'), 2)
      else if (kind < 9) this.#editXml(doc.getXmlFragment('xml'))
      else this.#addJson(doc)
    }
  }

  #editText(text: Y.Text | Y.XmlText): void {
    const random = this.#random
    const at = this.#boundary(text, random.below(text.length + 1))
    const span = this.#boundary(text, Math.min(text.length, at + 1 + random.below(4))) - at
    const kind = random.below(10)
    if (kind < 5 || span <= 0) text.insert(at, random.pick(WORDS))
    else if (kind < 8) text.delete(at, span)
    else if (kind < 9) text.format(at, span, { [random.pick(['bold', 'link'])]: this.#format() })
    else
      text.insertEmbed(at, random.pick([{ image: 'a.png', w: [1, { h: '"\\\u2028' }] }, ['list']]))
  }

  /** A position that splits no surrogate pair, unless that is wanted. */
  #boundary(text: Y.Text | Y.XmlText, at: number): number {
    if (this.#options.splitsPairs) return at
    let position = 0
    for (const { insert } of text.toDelta() as { insert: unknown }[]) {
      const length = typeof insert === 'string' ? insert.length : 1
      if (typeof insert === 'string' && at < position + length) {
        const unit = insert.charCodeAt(at - position)
        return unit >= 0xdc00 && unit < 0xe000 ? at + 1 : at
      }
      position += length
      if (at < position) return at
    }
    return at
  }

  #format(): unknown {
    return this.#random.pick([true, null, { href: 'https://example.org/ö' }, 'x', 1.5])
  }

  #editMap(map: Y.Map<unknown>, depth: number): void {
    const key = this.#random.pick(KEYS)
    const inner = map.get(key)
    if (depth > 0 && inner instanceof Y.AbstractType && this.#random.chance(0.6)) {
      this.#editInner(inner, depth)
    } else if (this.#random.chance(0.2)) map.delete(key)
    else map.set(key, this.#content(depth))
  }

  #editArray(array: Y.Array<unknown>, depth: number): void {
    const at = this.#random.below(array.length + 1)
    const inner = at < array.length ? array.get(at) : undefined
    if (depth > 0 && inner instanceof Y.AbstractType && this.#random.chance(0.6)) {
      this.#editInner(inner, depth)
    } else if (at < array.length && this.#random.chance(0.4)) array.delete(at, 1)
    else
      array.insert(
        at,
        Array.from({ length: 1 + this.#random.below(3) }, () => this.#content(depth)),
      )
  }

  #editInner(inner: Y.AbstractType<unknown>, depth: number): void {
    if (inner instanceof Y.Text) this.#editText(inner)
    else if (inner instanceof Y.Map) this.#editMap(inner, depth - 1)
    else if (inner instanceof Y.Array) this.#editArray(inner, depth - 1)
    else if (inner instanceof Y.XmlFragment) this.#editXml(inner)
  }

  #editXml(fragment: Y.XmlFragment): void {
    const random = this.#random
    const at = random.below(fragment.length + 1)
    const inner = at < fragment.length ? fragment.get(at) : undefined
    if (inner instanceof Y.XmlText && random.chance(0.7)) this.#editText(inner)
    else if (inner instanceof Y.XmlElement && random.chance(0.7)) this.#editElement(inner)
    else if (inner !== undefined && random.chance(0.4)) fragment.delete(at, 1)
    else fragment.insert(at, [this.#xmlNode()])
  }

  #editElement(element: Y.XmlElement): void {
    if (this.#random.chance(0.3)) element.setAttribute(this.#random.pick(['id', 'class']), 'v')
    else if (this.#random.chance(0.1)) element.removeAttribute('id')
    else this.#editXml(element)
  }

  #xmlNode(): Y.XmlElement | Y.XmlText {
    const kind = this.#random.below(4)
    if (kind < 2) return new Y.XmlElement(this.#random.pick(['p', 'h1']))
    if (kind < 3) return new Y.XmlText(this.#random.pick(WORDS))
    return new Y.XmlHook('hook') as unknown as Y.XmlElement
  }

  #content(depth: number): unknown {
    const random = this.#random
    const kind = random.below(depth > 0 ? 12 : 6)
    if (kind < 4) return this.#insertable(this.#plainValue(3))
    if (kind < 5) return random.bytes(random.below(5))
    if (kind < 6)
      return new Y.Doc({ guid: `sub${random.below(99)}`, ...this.#subdocumentOptions() })
    if (kind < 8) return new Y.Map()
    if (kind < 9) return new Y.Array()
    if (kind < 10) return new Y.Text(random.pick(WORDS))
    return kind < 11 ? new Y.XmlElement('div') : new Y.XmlFragment()
  }

  /** Lists take no big integers by themselves. */
  #insertable(value: unknown): unknown {
    return typeof value === 'bigint' ? [value] : value
  }

  #subdocumentOptions(): { gc?: boolean; autoLoad?: boolean; meta?: unknown } {
    return this.#random.pick([
      {},
      { gc: false },
      { autoLoad: true },
      { meta: { owner: ['me', null] } },
    ])
  }

  #plainValue(depth: number): unknown {
    const random = this.#random
    const kind = random.below(depth > 0 ? 12 : 10)
    if (kind === 10)
      return Array.from({ length: random.below(4) }, () => this.#plainValue(depth - 1))
    if (kind === 11) return { [random.pick(KEYS)]: this.#plainValue(depth - 1), n: 1 }
    const numbers = [0, -1, 63, 64, -64, 127, 128, 2 ** 31 - 1, -(2 ** 31), 2 ** 40]
    const others = [0.5, 1e300, 0.1, 12n, -(2n ** 62n), true, false, null, 'text', 'ü'.repeat(70)]
    return random.pick(random.chance(0.4) ? numbers : others)
  }

  /** Content as old versions of yjs wrote it. */
  #addJson(doc: Y.Doc): void {
    const array = doc.getArray('array')
    const items = [...doc.store.clients.values()].flat().filter((s) => s instanceof Y.Item)
    const last = items.find((item) => item.parent === array && item.right === null) ?? null
    doc.transact((transaction) => {
      const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
      const values = [{ old: [1, 'ä'] }, undefined, 'text', null].slice(this.#random.below(3))
      const content = new Y.ContentJSON(values)
      const item = new Y.Item(id, last, last?.lastId ?? null, null, null, array, null, content)
      item.integrate(transaction, 0)
    })
  }
}

/** A document whose root types exist, so that it can be read as JSON. */
export function rootedDoc(gc: boolean): Y.Doc {
  // A random guid costs yjs 31 system calls, more than most of what is done with such a document.
  const doc = new Y.Doc({ gc, guid: 'rooted' })
  doc.getText('text')
  doc.getMap('map')
  doc.getArray('array')
  doc.getXmlFragment('xml')
  return doc
}

/** The content of a {@link rootedDoc} as values that can be compared. */
export function contentOf(doc: Y.Doc): unknown {
  return plain({
    text: doc.getText('text').toDelta(),
    map: doc.getMap('map').toJSON(),
    array: doc.getArray('array').toJSON(),
    xml: doc.getXmlFragment('xml').toString(),
  })
}

/** `value` with a mere description in place of every subdocument. */
function plain(value: unknown): unknown {
  if (value instanceof Y.Doc) return { guid: value.guid, meta: plain(value.meta), gc: value.gc }
  if (value instanceof Y.AbstractType) return plain(value.toJSON())
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
