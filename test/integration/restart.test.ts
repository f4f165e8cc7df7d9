import { describe, expect, it, onTestFinished } from 'vitest'
import { stockClient } from '../support/clients.js'
import { eventually } from '../support/eventually.js'
import {
  append,
  contentOf,
  ID,
  person,
  running,
  sees,
  storedBecomes,
} from '../support/crashing-server.js'

describe('a crash with edits that were relayed and not yet on disk', () => {
  it('[R70] the author brings them back, once, whoever else has them', async () => {
    const server = await running()
    const ann = await person(server)
    const ben = await person(server)
    const stock = stockClient('y-websocket 3.1.0', server.url, ID)
    onTestFinished(() => stock.destroy())
    append(ann.ydoc, 'kept ')
    await ann.whenSaved()
    server.faulty.hang()
    append(ann.ydoc, 'relayed ')
    await Promise.all([ben.ydoc, stock.doc].map((doc) => sees(doc, 'kept relayed ')))
    expect(ann.status.save).toBe('saving')
    await server.crash()
    expect(await server.stored()).toBe('kept ')
    await server.start()
    await eventually('stored again', () => ann.status.save === 'saved')
    expect(await server.stored()).toBe('kept relayed ')
    for (const doc of [ann.ydoc, ben.ydoc, stock.doc]) await sees(doc, 'kept relayed ')
    const newcomer = await person(server)
    expect(contentOf(newcomer.ydoc)).toBe('kept relayed ')
  })

  it.each(['a client of ours', 'a stock client'])(
    '[R70] %s that received them brings them back when the author is gone',
    async (who) => {
      const server = await running()
      const ann = await person(server)
      const survivor =
        who === 'a stock client'
          ? stockClient('y-websocket 2.1.0', server.url, ID)
          : ((room) => ({ doc: room.ydoc, destroy: () => room.destroy() }))(await person(server))
      onTestFinished(() => survivor.destroy())
      append(ann.ydoc, 'kept ')
      await ann.whenSaved()
      server.faulty.hang()
      append(ann.ydoc, 'relayed ')
      await sees(survivor.doc, 'kept relayed ')
      ann.destroy()
      await server.crash()
      await server.start()
      await storedBecomes(server, 'kept relayed ')
      const newcomer = await person(server)
      expect(contentOf(newcomer.ydoc)).toBe('kept relayed ')
      append(newcomer.ydoc, 'on')
      await newcomer.whenSaved()
      await sees(survivor.doc, 'kept relayed on')
    },
  )

  it('[R70] a document of which nothing had reached the disk begins again with what they bring', async () => {
    const server = await running()
    const ann = await person(server)
    const ben = await person(server)
    server.faulty.hang()
    append(ann.ydoc, 'one ')
    await sees(ben.ydoc, 'one ')
    append(ben.ydoc, 'two ')
    await sees(ann.ydoc, 'one two ')
    ben.disconnect()
    await server.crash()
    await server.start()
    await eventually('stored again', () => ann.status.save === 'saved')
    // By now the document has another history id than the one it had when ben saw it.
    ben.connect()
    await eventually('saved', () => ben.status.save === 'saved')
    expect([ann.status.error, ben.status.error]).toEqual([null, null])
    expect(await server.stored()).toBe('one two ')
    expect([ann, ben].map((room) => contentOf(room.ydoc))).toEqual(['one two ', 'one two '])
  })
})
