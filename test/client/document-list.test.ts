import { describe, expect, it, onTestFinished } from 'vitest'
import type { Outcome } from '../../client/src/page/api-client.js'
import type {
  DocumentBatch,
  DocumentQuery,
  ListedDocument,
} from '../../client/src/page/documents-api.js'
import { DocumentList } from '../../client/src/page/home/document-list.js'
import { RememberedTitles } from '../../client/src/page/remembered-titles.js'
import { exactTime, whenWas, whenWill } from '../../client/src/page/when.js'
import { ManualClock } from '../support/manual-clock.js'

/** A server that answers when it is told to, in any order. */
class SlowServer {
  readonly asked: DocumentQuery[] = []
  readonly #answers: ((outcome: Outcome<DocumentBatch>) => void)[] = []

  list(query: DocumentQuery): Promise<Outcome<DocumentBatch>> {
    this.asked.push(query)
    return new Promise((resolve) => this.#answers.push(resolve))
  }

  async answer(turn: number, outcome: Outcome<DocumentBatch>): Promise<void> {
    this.#answers[turn]?.(outcome)
    await Promise.resolve()
    await Promise.resolve()
  }
}

function listed(id: string, updatedAt = 0): ListedDocument {
  return { id, title: id, access: 'admin', updatedAt, trashedAt: null }
}

function found(ids: readonly string[], cursor: string | null = null): Outcome<DocumentBatch> {
  return { kind: 'done', value: { documents: ids.map((id) => listed(id)), cursor, keptDays: null } }
}

function open(): {
  server: SlowServer
  clock: ManualClock
  list: DocumentList
  ids: () => string[]
} {
  const server = new SlowServer()
  const clock = new ManualClock()
  const list = new DocumentList({ api: server, clock, trashed: false, changed: () => undefined })
  onTestFinished(() => list.stop())
  return { server, clock, list, ids: () => (list.documents ?? []).map(({ id }) => id) }
}

describe('the list of documents', () => {
  it('[E86] asks when one pauses, and keeps what it shows until the answer that counts', async () => {
    const { server, clock, list, ids } = open()
    list.refresh()
    await server.answer(0, found(['a', 'b']))
    for (const typed of ['m', 'mi', 'min']) {
      list.searchFor(typed)
      clock.advance(100)
    }
    expect(server.asked).toHaveLength(1)
    clock.advance(200)
    list.searchFor('minutes')
    clock.advance(200)
    expect(server.asked.map(({ search }) => search)).toEqual(['', 'min', 'minutes'])
    await server.answer(1, found(['not any more']))
    expect([ids(), list.search]).toEqual([['a', 'b'], ''])
    await server.answer(2, found(['b']))
    expect([ids(), list.search]).toEqual([['b'], 'minutes'])
  })

  it('[E86] has more when there is, each once, and asks once at a time', async () => {
    const { server, list, ids } = open()
    list.refresh()
    await server.answer(0, found(['a', 'b'], 'there'))
    list.more()
    list.more()
    expect(server.asked.map(({ cursor }) => cursor)).toEqual([undefined, 'there'])
    await server.answer(1, found(['b', 'c']))
    expect([ids(), list.hasMore]).toEqual([['a', 'b', 'c'], false])
  })

  it('[E86] is asked for again while nothing can be reached, and until it is left', async () => {
    const { server, clock, list } = open()
    list.refresh()
    await server.answer(0, { kind: 'unreachable' })
    expect(list.failure).toEqual({ kind: 'unreachable' })
    clock.advance(5_000)
    await server.answer(1, found(['a']))
    expect([server.asked.length, list.failure]).toEqual([2, null])
    list.refresh()
    list.stop()
    await server.answer(2, { kind: 'unreachable' })
    clock.advance(60_000)
    expect(server.asked).toHaveLength(3)
    // What was done in it before may be known only now.
    list.put(listed('a'))
    clock.advance(60_000)
    expect(server.asked).toHaveLength(3)
  })

  it('[E88, E89] takes no answer for what was asked before something was done', async () => {
    const { server, list, ids } = open()
    list.refresh()
    await server.answer(0, found(['a', 'b'], 'there'))
    list.refresh()
    list.remove('a')
    await server.answer(1, found(['a', 'b'], 'there'))
    expect([ids(), list.isAsking]).toEqual([['b'], true])
    await server.answer(2, found(['b'], 'there'))
    list.more()
    list.put({ ...listed('b'), title: 'renamed' })
    await server.answer(3, found(['c']))
    expect([ids(), list.isAsking, server.asked.length]).toEqual([['b', 'c'], false, 4])
  })

  it('[E88, E89] has a document where it belongs by its time', () => {
    const { list, ids } = open()
    for (const [id, time] of [
      ['old', 1],
      ['new', 3],
      ['middle', 2],
    ] as const)
      list.put(listed(id, time))
    expect(ids()).toEqual(['new', 'middle', 'old'])
    list.put({ ...listed('old', 4), title: 'renamed' })
    expect(ids()).toEqual(['old', 'new', 'middle'])
    list.remove('new')
    expect(ids()).toEqual(['old', 'middle'])
  })
})

describe('what a list says', () => {
  it('[E85] when something was, and will be, in each language', () => {
    const now = Date.UTC(2026, 10, 30, 12)
    const said = (ms: number): string[] => ['en', 'de'].map((tag) => whenWas(now - ms, now, tag))
    expect(said(-5_000)).toEqual(['now', 'jetzt'])
    expect(said(59_000)).toEqual(['now', 'jetzt'])
    expect(said(5 * 60_000)).toEqual(['5 minutes ago', 'vor 5 Minuten'])
    expect(said(26 * 3_600_000)).toEqual(['yesterday', 'gestern'])
    expect(said(400 * 86_400_000)).toEqual(['last year', 'letztes Jahr'])
    // As whoever made a link chose it, a while later too.
    const will = (ms: number): string => whenWill(now + ms, now, 'en')
    expect(will(3_600_000 - 20_000)).toBe('in 1 hour')
    expect(will(24 * 3_600_000 - 20 * 60_000)).toBe('in 1 day')
    expect(will(7 * 86_400_000 - 3_600_000)).toBe('in 1 week')
    expect(will(30 * 86_400_000 - 3_600_000)).toBe('in 1 month')
    expect(will(20 * 3_600_000)).toBe('in 20 hours')
    expect(will(6.4 * 86_400_000)).toBe('in 6 days')
    expect(whenWill(now - 1, now, 'de')).toBe('in 1 Minute')
    expect(exactTime(now, 'en')).toContain('November 30, 2026')
  })

  it('[E87] titles are remembered for each person, and not without end', () => {
    const values = new Map<string, string>()
    const memory = {
      read: (name: string) => values.get(name) ?? null,
      write: (name: string, value: string) => void values.set(name, value),
    }
    const ada = new RememberedTitles(memory, 'ada')
    ada.keep('doc', 'Minutes')
    expect(new RememberedTitles(memory, 'ben').of('doc')).toBe('')
    for (let count = 0; count < 299; count++) ada.keep(`doc ${count}`, `${count}`)
    expect([ada.of('doc'), ada.of('doc 7')]).toEqual(['Minutes', '7'])
    ada.keep('one more', 'x')
    expect(ada.of('doc')).toBe('')
    for (const wrong of ['{', '5', '[[1,2,3],["a"],null]']) {
      values.set('titles', wrong)
      expect(ada.of('doc')).toBe('')
    }
  })
})
