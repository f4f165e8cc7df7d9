import { expect, it } from 'vitest'
import { AckWatch } from '../../client/src/ack-watch.js'
import { ManualClock } from '../support/manual-clock.js'

it('[K9] edits are not overdue as soon as a machine wakes up, before it hears what was acknowledged', () => {
  const clock = new ManualClock()
  const watch = new AckWatch(
    clock,
    () => 0,
    () => undefined,
  )
  watch.expect()
  clock.advance(4_000)
  clock.sleep(3_600_000)
  clock.advance(9_000)
  expect(watch.fault).toBeNull()
  clock.advance(1_000)
  expect(watch.fault).toMatchObject({ code: 'timeout' })
  watch.settled()
  expect(clock.waiting).toBe(0)
})
