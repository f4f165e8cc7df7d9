import {
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { Page } from '../../server/src/http/page.js'
import { readPageFiles } from '../../server/src/http/page-files.js'
import { createRouter } from '../../server/src/http/router.js'
import { folderForTest } from './test-server.js'

const built = fileURLToPath(new URL('../../server/page', import.meta.url))

/** A server of nothing but the page, which can be updated. */
export interface PageServer {
  readonly url: string
  /** Serves the next version: the same page, with another name for every file that is named by its content. */
  readonly update: () => void
  /** Answers every request in this way instead. */
  readonly answer: (listener: RequestListener) => void
  readonly stop: () => Promise<void>
}

export async function startPageServer(): Promise<PageServer> {
  let listener: RequestListener = routerOf(built)
  const server = createServer((request, response) => listener(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  onTestFinished(stop)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    update: () => {
      listener = routerOf(nextVersion())
    },
    answer: (next) => {
      listener = next
    },
    stop,
  }
}

function routerOf(folder: string): RequestListener {
  const files = readPageFiles(folder)
  if (files === null) throw new Error('the page is not built: run `npm test`, which builds it')
  const rules = { loopbackOnly: true, origins: new Set<string>() }
  return createRouter({ rules, health: { ready: true }, version: '1', page: new Page(files) })
}

function nextVersion(): string {
  const folder = join(folderForTest(), 'page')
  cpSync(built, folder, { recursive: true })
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
  for (const file of files.filter((name) => /\.(?:gz|br)$/.test(name))) rmSync(file)
  for (const file of files.filter((name) => /\.(?:js|css|html)$/.test(name))) {
    writeFileSync(file, renamed(readFileSync(file, 'utf8')))
    renameSync(file, renamed(file))
  }
  return folder
}

/** The names of files, and the version that follows from them. */
function renamed(text: string): string {
  return text
    .replaceAll(
      /([\w-]+-)([\w-]{8})(\.(?:js|css))\b/g,
      (_, name: string, hash: string, end: string) => {
        return name + Array.from(hash).toReversed().join('') + end
      },
    )
    .replaceAll(/(version:\s*["'`])[\da-f]{16}/g, '$1feedfeedfeedfeed')
}
