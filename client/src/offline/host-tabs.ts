/** The few members that are used of a BroadcastChannel. */
export interface TabChannel {
  postMessage(message: unknown): void
  close(): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/** The few members that are used of the browser's LockManager. */
export interface TabLocks {
  request(
    name: string,
    options: { readonly signal: AbortSignal },
    held: () => Promise<void> | undefined,
  ): Promise<unknown>
}

/** What tabs talk through. A test can replace it. */
export interface TabHost {
  /** Opens a channel to all tabs of this origin, or returns `null` where there are none. */
  channel(name: string): TabChannel | null
  /** `null` where there are none: then tabs cannot tell which of them keeps a copy up, nor that one has crashed. */
  readonly locks: TabLocks | null
  /** Calls `sleeps` before this tab is frozen or put aside, and `wakes` after; until the returned function is called. */
  onSleep(sleeps: () => void, wakes: () => void): () => void
}

interface Host {
  readonly BroadcastChannel?: new (name: string) => TabChannel
  readonly navigator?: { readonly locks?: TabLocks }
  readonly document?: EventTarget
  addEventListener?: EventTarget['addEventListener']
  removeEventListener?: EventTarget['removeEventListener']
}

const host = globalThis as unknown as Host

/** The browser. */
export const browserTabs: TabHost = {
  channel(name) {
    // Outside of a page there are no tabs, even where there are channels.
    if (host.BroadcastChannel === undefined || host.document === undefined) return null
    return new host.BroadcastChannel(name)
  },
  get locks() {
    return host.navigator?.locks ?? null
  },
  onSleep(sleeps, wakes) {
    const { document: page } = host
    page?.addEventListener('freeze', sleeps)
    page?.addEventListener('resume', wakes)
    host.addEventListener?.('pagehide', sleeps)
    host.addEventListener?.('pageshow', wakes)
    return () => {
      page?.removeEventListener('freeze', sleeps)
      page?.removeEventListener('resume', wakes)
      host.removeEventListener?.('pagehide', sleeps)
      host.removeEventListener?.('pageshow', wakes)
    }
  },
}
