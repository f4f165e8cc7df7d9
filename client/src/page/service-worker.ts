// Keeps the page's own files, so that a document opens without a network. The build puts in which files those are;
// another list is another worker, which takes over with all of its files or not at all.

/** The few members of a service worker's scope that are used here. */
interface WorkerScope {
  readonly location: { readonly origin: string }
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void
}

interface LifeEvent {
  waitUntil(work: Promise<unknown>): void
}

interface FetchEvent {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}

declare const SHELL: { readonly version: string; readonly paths: readonly string[] }

const scope = self as unknown as WorkerScope
const cacheName = `coscribe-${SHELL.version}`
/** A network that answers slower than this is as good as none. */
const PATIENCE_MS = 3_000

/** Where the page is beside the addresses of documents. */
const PLACES: ReadonlySet<string> = new Set(['/', '/trash', '/new'])

scope.addEventListener('install', (event) => event.waitUntil(install()))
scope.addEventListener('activate', (event) => event.waitUntil(activate()))
scope.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== scope.location.origin) return
  const isShell = PLACES.has(pathname) || pathname.startsWith('/d/')
  if (request.mode === 'navigate' && isShell) event.respondWith(page(request))
  else if (SHELL.paths.includes(pathname)) event.respondWith(asset(request))
})

async function install(): Promise<void> {
  const cache = await caches.open(cacheName)
  await cache.addAll(['/', ...SHELL.paths])
  await scope.skipWaiting()
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith('coscribe-') && name !== cacheName) await caches.delete(name)
  }
  await scope.clients.claim()
}

/** The server's page, or the kept one when the server does not answer. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match('/', { cacheName })
  try {
    return await fetch(
      request,
      kept === undefined ? {} : { signal: AbortSignal.timeout(PATIENCE_MS) },
    )
  } catch (error) {
    if (kept === undefined) throw error
    return kept
  }
}

/** Named by their content, so a kept one is the right one. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request.url, { cacheName })) ?? fetch(request)
}
