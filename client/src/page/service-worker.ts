// Keeps the page's own files, so that a document opens without a network: those that it always needs, and of the others
// those that were used. The build puts in which files those are; another list is another worker, which takes over with
// all of its files or not at all. Files of the version before stay until the next one: tabs of it may still be open.

/** The few members of a service worker's scope that are used here. */
interface WorkerScope {
  readonly location: { readonly origin: string }
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void
  addEventListener(type: 'message', listener: (event: MessageEvent & LifeEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void
}

interface LifeEvent {
  waitUntil(work: Promise<unknown>): void
}

interface FetchEvent {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}

declare const SHELL: {
  readonly version: string
  /** The script that only the page of this version loads. */
  readonly entry: string
  readonly paths: readonly string[]
  /** Files that not everybody needs. */
  readonly lazy: readonly string[]
}

const scope = self as unknown as WorkerScope
const PREFIX = 'coscribe-'
const cacheName = PREFIX + SHELL.version
const ASSETS = '/assets/'
/** A network that brings the page slower than this is as good as none. */
const PATIENCE_MS = 3_000
/** After this long without a word, a part of the page is one that cannot be had. */
const SILENCE_MS = 15_000

/** Where the page is beside the addresses of documents. */
const PLACES: ReadonlySet<string> = new Set(['/', '/trash', '/new'])

scope.addEventListener('install', (event) => event.waitUntil(install()))
scope.addEventListener('activate', (event) => event.waitUntil(activate()))
scope.addEventListener('message', (event) => event.waitUntil(keepUsed(event.data)))
scope.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== scope.location.origin) return
  const isShell = PLACES.has(pathname) || pathname.startsWith('/d/')
  if (request.mode === 'navigate' && isShell) event.respondWith(page(request))
  else if (SHELL.paths.includes(pathname)) event.respondWith(asset(request))
  else if (pathname.startsWith(ASSETS)) event.respondWith(used(request))
})

async function install(): Promise<void> {
  const cache = await caches.open(cacheName)
  await cache.addAll(['/', ...SHELL.paths])
  // A server that was updated in between has sent the page of one version and the files of another.
  const html = await (await cache.match('/'))?.text()
  if (html?.includes(SHELL.entry) !== true) throw new Error('the page is of another version')
  await cache.addAll(await usedBefore())
  await scope.skipWaiting()
}

/** The files of this version that stand for those that were used of the versions before. */
async function usedBefore(): Promise<string[]> {
  const stems = new Set<string>()
  for (const name of await ownCaches()) {
    for (const { url } of await (await caches.open(name)).keys()) stems.add(stemOf(url))
  }
  return SHELL.lazy.filter((path) => stems.has(stemOf(path)))
}

/** A file's name without the hash of what is in it. */
function stemOf(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1).replace(/-[\w-]{8}\.(\w+)$/, '.$1')
}

async function ownCaches(): Promise<readonly string[]> {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX))
}

/** Caches are listed as old as they are: this version, the one before, and no more. */
async function activate(): Promise<void> {
  const others = (await ownCaches()).filter((name) => name !== cacheName)
  for (const name of others.slice(0, -1)) await caches.delete(name)
  await scope.clients.claim()
}

/** What a page had loaded before there was a worker to keep it. */
async function keepUsed(paths: unknown): Promise<void> {
  if (!Array.isArray(paths)) return
  const cache = await caches.open(cacheName)
  const missing = SHELL.lazy.filter((path) => paths.includes(path))
  for (const path of missing) {
    if ((await cache.match(path)) === undefined) await cache.add(path)
  }
}

/** The server's page, or the kept one when the server does not answer, or a proxy in its place. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match('/', { cacheName })
  if (kept === undefined) return fetch(request)
  try {
    return await withinMs(PATIENCE_MS, async (signal) => {
      const fresh = await fetch(request, { signal })
      // One that stops in the middle is none either.
      await fresh.clone().arrayBuffer()
      return fresh.status >= 500 ? kept : fresh
    })
  } catch {
    // No network, or too slow.
    return kept
  }
}

/** Named by their content, so a kept one is the right one. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request.url, { cacheName })) ?? answer(request)
}

/** One that not everybody needs: it is kept from now on. Tabs of the version before have theirs from the one before. */
async function used(request: Request): Promise<Response> {
  const kept = await caches.match(request.url)
  if (kept !== undefined) return kept
  const fresh = await answer(request)
  if (fresh.ok && SHELL.lazy.includes(new URL(request.url).pathname)) {
    try {
      const cache = await caches.open(cacheName)
      await cache.put(request, fresh.clone())
    } catch {
      // The disk is full, and the page has it all the same.
    }
  }
  return fresh
}

/** What the network answers, however long it then takes to arrive; a page waits for none that is never begun. */
function answer(request: Request): Promise<Response> {
  return withinMs(SILENCE_MS, (signal) => fetch(request, { signal }))
}

/** Tells `work` to give up after so many milliseconds, which then rejects. What has come in time is left alone. */
async function withinMs<Result>(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), limitMs)
  try {
    return await work(giveUp.signal)
  } finally {
    clearTimeout(timer)
  }
}
