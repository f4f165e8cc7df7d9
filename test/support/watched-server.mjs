// A built server that says, after a garbage collection, what it holds. Run with --expose-gc and an IPC channel; each
// message asks once. Arguments: the folder, and more options of the server as JSON.
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '@coscribe/shared'
import { createServer } from '@coscribe/server'

let timers = 0

function counted(plan, run) {
  let waits = true
  timers++
  const done = () => {
    if (waits) timers--
    waits = false
  }
  const cancel = plan(() => {
    done()
    run()
  })
  return () => {
    done()
    cancel()
  }
}

const clock = {
  ...systemClock,
  after: (delayMs, run) => counted((planned) => systemClock.after(delayMs, planned), run),
  soon: (run) => counted((planned) => systemClock.soon(planned), run),
}

const [, , data, options = '{}'] = process.argv
const server = createServer({ data, port: 0, roomGraceMs: 50, clock, ...JSON.parse(options) })
const { port } = await server.start()

process.on('message', async () => {
  for (let i = 0; i < 4; i++) {
    global.gc()
    await pause(50)
  }
  const { heapUsed } = process.memoryUsage()
  process.send({
    heap: heapUsed,
    timers,
    connections: server.connections,
    resources: process.getActiveResourcesInfo().sort().join(),
  })
})
process.on('disconnect', () => process.exit())
process.send(port)
