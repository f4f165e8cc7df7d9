import { describe, expect, it } from 'vitest'
import { Pending } from '../../client/src/pending.js'

/** `count` edits of ten bytes, each in a message of its own, numbered from `first`. */
function sent(pending: Pending, count: number, first = 1): void {
  for (let number = first; number < first + count; number++) {
    pending.add(10, number)
    pending.carried(number, number)
  }
}

describe('what is pending', () => {
  it('[K2] an edit is pending from the moment it is made until the ack reaches its message', () => {
    const pending = new Pending()
    expect(pending.summary()).toEqual({ updates: 0, bytes: 0, since: null })
    pending.add(10, 5)
    expect(pending.summary()).toEqual({ updates: 1, bytes: 10, since: 5 })
    pending.ack(100)
    expect(pending.isEmpty).toBe(false)
    pending.carried(1, 1)
    pending.ack(0)
    expect(pending.isEmpty).toBe(false)
    pending.ack(1)
    expect(pending.isEmpty).toBe(true)
    expect(pending.durableEdits).toBe(1)
  })

  it('[R117] it is known from which clock on nothing is saved, also within an edit of many messages', () => {
    const pending = new Pending()
    expect(pending.from).toBe(Infinity)
    pending.add(10, 1)
    pending.carried(1, 1)
    expect(pending.from).toBe(Infinity)
    pending.add(10, 2, 7)
    pending.carried(2, 4, [20, 40, 60])
    pending.add(10, 3, 60)
    pending.carried(5, 5)
    const reached = [1, 2, 3, 4, 5].map((count) => {
      pending.ack(count)
      return pending.from
    })
    expect(reached).toEqual([7, 20, 40, 60, Infinity])
    pending.add(10, 4, 61)
    pending.add(10, 5, 62)
    pending.sessionOver()
    expect(pending.from).toBe(61)
  })

  it('[K2] an upload settles everything, whatever became of it before', () => {
    const pending = new Pending()
    sent(pending, 3)
    pending.refuse(2)
    pending.add(10, 9)
    pending.carriedAll(4, 6)
    pending.ack(3)
    expect(pending.summary()).toEqual({ updates: 4, bytes: 40, since: 1 })
    pending.ack(5)
    expect(pending.summary()).toEqual({ updates: 4, bytes: 14, since: 1 })
    expect(pending.durableEdits).toBe(0)
    pending.ack(6)
    expect(pending.durableEdits).toBe(4)
  })

  it('[K2] a refused edit is not settled by an ack, nor is anything after it called durable', () => {
    const pending = new Pending()
    sent(pending, 3)
    pending.refuse(2)
    pending.ack(3)
    expect(pending.summary()).toMatchObject({ updates: 1 })
    expect(pending.durableEdits).toBe(1)
  })

  it('[K2] an upload of which one part was refused is refused', () => {
    const pending = new Pending()
    pending.add(10, 1)
    pending.carriedAll(1, 3)
    pending.refuse(2)
    pending.ack(3)
    expect(pending.isEmpty).toBe(false)
  })

  it('[K2] after the end of a session nothing is on its way', () => {
    const pending = new Pending()
    sent(pending, 3)
    pending.sessionOver()
    pending.ack(3)
    expect(pending.summary()).toMatchObject({ updates: 3, bytes: 30, since: 1 })
  })

  it('[K2] acks that do not come cost no memory for every edit', () => {
    const pending = new Pending()
    sent(pending, 10_000)
    expect(pending.summary()).toMatchObject({ updates: 10_000, bytes: 100_000 })
    pending.ack(9_999)
    expect(pending.isEmpty).toBe(false)
    expect(pending.durableEdits).toBeGreaterThan(0)
    pending.ack(10_000)
    expect(pending.isEmpty).toBe(true)
    expect(pending.durableEdits).toBe(10_000)
  })

  it('[R117] knows from where on its own edits are not saved, also behind what others wrote', () => {
    const pending = new Pending()
    pending.add(10, 1)
    pending.add(10, 2, 7)
    expect(pending.from).toBe(7)
    pending.carried(1, 1)
    pending.ack(1)
    for (let number = 2; number <= 600; number++) {
      pending.add(10, number, number === 400 ? 30 : Infinity)
      pending.carried(number, number)
    }
    expect(pending.from).toBe(30)
  })
})
