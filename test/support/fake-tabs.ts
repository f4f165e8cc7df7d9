import type { TabChannel, TabHost, TabLocks } from '../../client/src/offline/host-tabs.js'

interface Waiting {
  readonly held: () => Promise<void> | undefined
  readonly settle: () => void
}

type Listener = (event: { readonly data: unknown }) => void

/** A browser whose tabs a test opens, freezes and lets crash. */
export class FakeBrowser {
  readonly #channels = new Map<string, Set<FakeChannel>>()
  readonly #locks = new Map<string, Waiting[]>()
  /** Everything that was said, with the name of its channel. */
  readonly said: { readonly name: string; readonly data: unknown }[] = []
  readonly #hasLocks: boolean

  constructor({ locks = true }: { readonly locks?: boolean } = {}) {
    this.#hasLocks = locks
  }

  /** Names of the channels that are open. */
  get channels(): string[] {
    return [...this.#channels].filter(([, open]) => open.size > 0).map(([name]) => name)
  }

  /** Locks that are held or waited for. */
  get lockCount(): number {
    return [...this.#locks.values()].reduce((sum, waiting) => sum + waiting.length, 0)
  }

  /** One more tab. */
  tab(): FakeTab {
    return new FakeTab(this, this.#hasLocks)
  }

  open(name: string): FakeChannel {
    const channels = this.#channels.get(name) ?? new Set()
    this.#channels.set(name, channels)
    const channel = new FakeChannel((data) => this.say(name, data, channel))
    channels.add(channel)
    return channel
  }

  close(channel: FakeChannel): void {
    for (const channels of this.#channels.values()) channels.delete(channel)
  }

  /** Says something to all tabs of a channel. */
  say(name: string, data: unknown, from: FakeChannel | null = null): void {
    this.said.push({ name, data })
    for (const channel of this.#channels.get(name) ?? []) {
      if (channel === from) continue
      const copy: unknown = structuredClone(data)
      queueMicrotask(() => channel.hear(copy))
    }
  }

  /** Returns what gives the lock back, or up. */
  lock(name: string, held: () => Promise<void> | undefined): () => void {
    const queue = this.#locks.get(name) ?? []
    this.#locks.set(name, queue)
    const entry: Waiting = {
      held,
      settle: () => {
        const wasFirst = queue[0] === entry
        const at = queue.indexOf(entry)
        if (at >= 0) queue.splice(at, 1)
        if (wasFirst) this.#grant(queue)
      },
    }
    queue.push(entry)
    if (queue.length === 1) this.#grant(queue)
    return entry.settle
  }

  #grant(queue: Waiting[]): void {
    const [first] = queue
    if (first === undefined) return
    queueMicrotask(() => {
      if (queue[0] !== first) return
      const done = first.held()
      if (done === undefined) first.settle()
      else void done.then(first.settle)
    })
  }
}

class FakeChannel implements TabChannel {
  #listener: Listener = () => undefined
  readonly postMessage: (data: unknown) => void
  closed: () => void = () => undefined
  isOpen = true

  constructor(post: (data: unknown) => void) {
    this.postMessage = post
  }

  addEventListener(_type: 'message', listener: Listener): void {
    this.#listener = listener
  }

  hear(data: unknown): void {
    if (this.isOpen) this.#listener({ data })
  }

  close(): void {
    this.isOpen = false
    this.closed()
  }
}

/** One tab of a {@link FakeBrowser}. */
export class FakeTab implements TabHost {
  readonly locks: TabLocks | null
  readonly #browser: FakeBrowser
  readonly #channels: FakeChannel[] = []
  readonly #releases: (() => void)[] = []
  #sleeper: { readonly sleeps: () => void; readonly wakes: () => void } | null = null

  constructor(browser: FakeBrowser, hasLocks: boolean) {
    this.#browser = browser
    const request: TabLocks['request'] = (name, { signal }, held) => {
      const release = browser.lock(name, held)
      this.#releases.push(release)
      signal.addEventListener('abort', release)
      return Promise.resolve()
    }
    this.locks = hasLocks ? { request } : null
  }

  channel(name: string): TabChannel {
    const channel = this.#browser.open(name)
    channel.closed = () => this.#browser.close(channel)
    this.#channels.push(channel)
    return channel
  }

  onSleep(sleeps: () => void, wakes: () => void): () => void {
    this.#sleeper = { sleeps, wakes }
    return () => {
      this.#sleeper = null
    }
  }

  /** Whether somebody waits to be told that it sleeps. */
  get isFollowed(): boolean {
    return this.#sleeper !== null
  }

  freeze(): void {
    this.#sleeper?.sleeps()
  }

  resume(): void {
    this.#sleeper?.wakes()
  }

  /** It is gone without a word. */
  crash(): void {
    for (const channel of this.#channels) this.#browser.close(channel)
    for (const release of this.#releases) release()
  }
}
