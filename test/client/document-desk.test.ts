import { describe, expect, it } from 'vitest'
import type { Failure, Outcome } from '../../client/src/page/api-client.js'
import type { DocumentsApi, ListedDocument } from '../../client/src/page/documents-api.js'
import { DocumentDesk } from '../../client/src/page/home/document-desk.js'
import { DocumentList } from '../../client/src/page/home/document-list.js'
import type { Said } from '../../client/src/page/home/said-line.js'
import { ManualClock } from '../support/manual-clock.js'

const minutes: ListedDocument = {
  id: 'minutes',
  title: 'Minutes',
  access: 'admin',
  updatedAt: 0,
  trashedAt: null,
}
const done = { kind: 'done', value: true } as const
const refused: Failure = { kind: 'refused', status: 503, fault: { code: 'busy', message: 'busy' } }
const unreachable: Failure = { kind: 'unreachable' }

/** A list of one document, and a server that answers when it is told to. */
function open(): {
  desk: DocumentDesk
  /** The requests that came, and how each is answered. */
  asked: { readonly what: string; readonly answer: (outcome: Outcome<true>) => void }[]
  said: Said[]
  ids: () => string[]
} {
  const asked: ReturnType<typeof open>['asked'] = []
  const ask = (what: string) => (): Promise<Outcome<true>> =>
    new Promise((answer) => asked.push({ what, answer }))
  const api = { trash: ask('trash'), restore: ask('restore') } as unknown as DocumentsApi
  const list = new DocumentList({
    api,
    clock: new ManualClock(),
    trashed: false,
    changed: () => undefined,
  })
  list.put(minutes)
  const said: Said[] = []
  const say = (what: Said): void => void said.push(what)
  const desk = new DocumentDesk({ api, list, say, isBack: () => undefined })
  return { desk, asked, said, ids: () => (list.documents ?? []).map(({ id }) => id) }
}

describe('a document that is thrown away', () => {
  it.each([
    ['never was', refused, ['trash'], true],
    ['may never have been', unreachable, ['trash', 'restore'], true],
    ['was', done, ['trash', 'restore'], false],
  ] as const)(
    '[E89] is listed after Undo, and after the server did not take that, when it %s in the trash',
    async (_, outcome, wanted, isListed) => {
      const { desk, asked, said, ids } = open()
      const trashed = desk.trash(minutes)
      said[0]?.undo?.()
      expect(ids()).toEqual(['minutes'])
      asked[0]?.answer(outcome)
      await trashed
      await Promise.resolve()
      expect([asked.map(({ what }) => what), ids()]).toEqual([wanted, ['minutes']])
      asked[1]?.answer(unreachable)
      await Promise.resolve()
      await Promise.resolve()
      expect(ids()).toEqual(isListed ? ['minutes'] : [])
    },
  )
})
