// @vitest-environment jsdom
import { Annotation, type Extension } from '@codemirror/state'
import { ViewPlugin, type EditorView, type ViewUpdate } from '@codemirror/view'
import { collabText, collabUndo } from '@coscribe/client/codemirror'
import { describe, expect, it } from 'vitest'
import type * as Y from 'yjs'
import { BindingCrowd, type Binding } from '../../support/binding-crowd.js'
import { count } from '../../support/count.js'

const STEPS = count('COSCRIBE_BINDING_STEPS', 20_000)
const STEPS_PER_CROWD = 200
const SEED = count('COSCRIBE_SEED', 20_261)

const ours: Binding = (ytext, clock, drifted) => [
  collabText(ytext, { clock, onDrift: drifted }),
  collabUndo({ clock }),
]

const fromText = Annotation.define<boolean>()

/** What everybody writes first: changes go over as they are, and the list that Yjs gives comes back. */
class NaiveBinding {
  readonly #ytext: Y.Text
  readonly #observer: (event: Y.YTextEvent, transaction: Y.Transaction) => void

  constructor(view: EditorView, ytext: Y.Text) {
    this.#ytext = ytext
    this.#observer = ({ delta }, { origin }) => {
      if (origin === this) return
      const changes = []
      let position = 0
      for (const { insert, retain, delete: length } of delta) {
        if (insert !== undefined) {
          changes.push({ from: position, insert: typeof insert === 'string' ? insert : '\ufffc' })
        } else {
          if (length !== undefined) changes.push({ from: position, to: position + length })
          position += length ?? retain ?? 0
        }
      }
      view.dispatch({ changes, annotations: fromText.of(true) })
    }
    ytext.observe(this.#observer)
  }

  update({ transactions, changes }: ViewUpdate): void {
    if (transactions.some((transaction) => transaction.annotation(fromText))) return
    this.#ytext.doc?.transact(() => {
      let shift = 0
      changes.iterChanges((from, to, _fromB, _toB, inserted) => {
        const text = inserted.toString()
        if (to > from) this.#ytext.delete(from + shift, to - from)
        if (text !== '') this.#ytext.insert(from + shift, text)
        shift += text.length - (to - from)
      })
    }, this)
  }

  destroy(): void {
    this.#ytext.unobserve(this.#observer)
  }
}

const naive: Binding = (ytext): Extension =>
  ViewPlugin.define((view) => new NaiveBinding(view, ytext))

async function firstFault(binding: Binding, steps: number): Promise<string | null> {
  for (let done = 0, seed = SEED; done < steps; done += STEPS_PER_CROWD, seed += 1) {
    const crowd = new BindingCrowd(seed, binding)
    try {
      const fault = await crowd.run(STEPS_PER_CROWD)
      if (fault !== null) return `seed ${seed}, ${fault}`
    } finally {
      crowd.destroy()
    }
  }
  return null
}

describe('three documents with up to three editors each', () => {
  it(`[E1] show what the documents say after every step (seeds from ${SEED})`, async () => {
    expect(await firstFault(ours, STEPS)).toBeNull()
  }, 600_000)

  it('[E1] the same run finds fault with a binding that does the obvious', async () => {
    expect(await firstFault(naive, STEPS_PER_CROWD * 10)).not.toBeNull()
  })
})
