import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { expect, it, onTestFinished } from 'vitest'
import { folderForTest, spawnServer } from '../support/test-server.js'

const MiB = 1024 * 1024

/** What makes many objects that live for a while when it is asked to, and says how large the memory for new ones is. */
const probe = `
import v8 from 'node:v8'
const isYoung = ({ space_name: name }) => name === 'new_space'
process.on('SIGUSR2', () => {
  const living = new Array(20000)
  for (let i = 0; i < 500000; i++) living[i % living.length] = { i, more: [i] }
  const { space_size: bytes } = v8.getHeapSpaceStatistics().find(isYoung)
  process.stderr.write(\`young \${bytes}\\n\`)
})`
const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(probe)}` }

/** Asks a process with the probe, whose stderr so far is `log()`. */
async function youngBytes(child: ChildProcess, log: () => string): Promise<number> {
  const said = (): number => Number(/^young (\d+)$/m.exec(log())?.[1] ?? 0)
  child.kill('SIGUSR2')
  await expect.poll(said).toBeGreaterThan(0)
  return said()
}

it('[B46] a server does not let its young generation grow; control: V8 by itself does', async () => {
  const server = await spawnServer({ data: folderForTest() }, { env })
  const held = await youngBytes(server.process, () => server.log())
  // Two halves, one of which is empty between collections.
  expect(held).toBeLessThanOrEqual(4 * MiB)
  const other = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000); console.log("up")'], {
    env: { ...process.env, ...env },
  })
  onTestFinished(() => void other.kill('SIGKILL'))
  let output = ''
  other.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(other.stdout, 'data')
  const grown = await youngBytes(other, () => output)
  expect(grown).toBeGreaterThan(8 * MiB)
})
