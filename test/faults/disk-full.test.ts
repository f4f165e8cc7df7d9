import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type Room, type RoomStatus } from '@coscribe/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type * as Y from 'yjs'
import { docCondition, stockClient } from '../support/clients.js'
import { eventually } from '../support/eventually.js'
import { storedDoc } from '../support/people.js'
import { RawClient } from '../support/raw-client.js'
import { folderForTest, spawnServer, type ServerProcess } from '../support/test-server.js'

// A file-size limit makes writes fail with EFBIG, as a full disk makes them fail with ENOSPC. Set a few bytes above
// LevelDB's log, it tears the record that meets it, behind which LevelDB by itself would go on writing what recovery
// then drops. Linux only: prlimit is a part of util-linux. The store alone, with its control, is in test/faults too.

const ID = 'ledger'

/** Larger than the whole database before the disk is full, so that it finds no place in any file. */
const PADDING = 'x'.repeat(16 * 1024)

/** Leaves room for a few bytes more of the log. */
function fill(server: ServerProcess, data: string): void {
  const logs = readdirSync(data, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.log'))
    .map((name) => statSync(join(data, name)).size)
  limitFileSize(server, String(Math.max(...logs) + 20))
}

function free(server: ServerProcess): void {
  limitFileSize(server, 'unlimited')
}

/** Sets the soft limit only, so that it can be raised again. */
function limitFileSize(server: ServerProcess, limit: string): void {
  execFileSync('prlimit', ['--pid', String(server.process.pid), `--fsize=${limit}:unlimited`])
}

function contentOf(doc: Y.Doc): string {
  return doc.getText('content').toString()
}

function write(doc: Y.Doc, word: string): void {
  doc.getText('content').insert(doc.getText('content').length, word)
}

function statusesOf(room: Room): RoomStatus[] {
  const seen: RoomStatus[] = []
  room.on('status', (status) => seen.push(status))
  return seen
}

describe('a full disk', () => {
  it('[R75] nothing is called saved, everything goes on, and it heals by itself', async () => {
    const data = folderForTest()
    const server = await spawnServer({ data })
    const ann = connect({ url: server.url, doc: ID, WebSocket })
    const ben = stockClient('y-websocket 3.1.0', server.url, ID)
    onTestFinished(() => {
      ann.destroy()
      ben.destroy()
    })
    await ann.whenReady()
    write(ann.ydoc, 'before ')
    await ann.whenSaved()

    fill(server, data)
    const during = statusesOf(ann)
    write(ann.ydoc, `during-ann ${PADDING} `)
    await docCondition(ben.doc, () => contentOf(ben.doc).includes('during-ann'))
    write(ben.doc, 'during-ben ')
    await docCondition(ann.ydoc, () => contentOf(ann.ydoc).includes('during-ben'))
    await eventually('writes failed', () => server.log().includes('append failed'))
    const raw = await RawClient.joined(server.url, ID, 'coscribe.v1')
    expect(contentOf(raw.doc)).toBe(`before during-ann ${PADDING} during-ben `)
    raw.edit((doc) => write(doc, 'during-raw '))
    await raw.sync()
    await docCondition(ann.ydoc, () => contentOf(ann.ydoc).includes('during-raw'))
    await eventually('tried again', () => server.log().split('append failed').length > 3)
    expect(raw.acked).toBe(0)
    expect(during.map(({ save }) => save)).not.toContain('saved')
    expect(ann.status.save).not.toBe('saved')
    expect(server.process.exitCode).toBeNull()

    free(server)
    await ann.whenSaved()
    await raw.until(() => raw.acked >= 1)
    expect(contentOf(ann.ydoc)).toBe(`before during-ann ${PADDING} during-ben during-raw `)
    for (let i = 0; i < 20; i++) {
      write(ann.ydoc, `after-${i} ${PADDING} `)
      await ann.whenSaved()
    }
    const acked = contentOf(ann.ydoc)

    for (const end of [() => ann.destroy(), () => ben.destroy(), () => raw.close()]) end()
    await server.kill('SIGKILL')
    expect(contentOf(await storedDoc(data, ID))).toBe(acked)
    const again = await spawnServer({ data })
    const reader = await RawClient.joined(again.url, ID, 'coscribe.v1')
    expect(contentOf(reader.doc)).toBe(acked)
    reader.close()
  })

  it('[R75] past the bound on unsaved edits the document says why it takes no more, and takes them later', async () => {
    const data = folderForTest()
    const server = await spawnServer({ data })
    const ann = connect({ url: server.url, doc: ID, WebSocket })
    onTestFinished(() => ann.destroy())
    await ann.whenReady()
    fill(server, data)
    // 8 MiB is what a room keeps for the disk.
    for (let i = 0; i < 10; i++) write(ann.ydoc, `${i}`.repeat(1024 * 1024))
    await eventually('told', () => ann.status.error?.code === 'storage-unavailable')
    expect(ann.status.save).toBe('unsaved')
    const reader = await RawClient.joined(server.url, ID, 'coscribe.v1')
    expect(contentOf(reader.doc).length).toBeGreaterThan(1024 * 1024)
    reader.close()
    free(server)
    await ann.whenSaved()
    expect(ann.status.error).toBeNull()
    const acked = contentOf(ann.ydoc)
    expect(acked).toHaveLength(10 * 1024 * 1024)
    ann.destroy()
    await server.kill('SIGKILL')
    expect(contentOf(await storedDoc(data, ID)) === acked).toBe(true)
  })
})
