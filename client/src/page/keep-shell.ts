const WORKER = '/service-worker.js'

interface ScriptAddresses {
  createScriptURL(address: string): unknown
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): ScriptAddresses
}

/**
 * Keeps the page itself in this browser, so that it opens without a network too. Where that is not possible (an
 * insecure address, storage switched off), it opens with one only.
 */
export function keepShell(navigator: Navigator): void {
  if (!('serviceWorker' in navigator)) return
  const { serviceWorker } = navigator
  void serviceWorker.register(trusted(WORKER)).then(
    () => serviceWorker.ready.then(({ active }) => active?.postMessage(loaded(), { transfer: [] })),
    // Not possible here.
    () => undefined,
  )
}

/** What this page has loaded before a worker could see it. */
function loaded(): string[] {
  return performance
    .getEntriesByType('resource')
    .map(({ name }) => new URL(name))
    .filter(({ origin }) => origin === location.origin)
    .map(({ pathname }) => pathname)
}

/** The page's policy lets no text become a script's address; this one constant may. */
function trusted(address: typeof WORKER): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  if (trustedTypes === undefined) return address
  const policy = trustedTypes.createPolicy('coscribe', { createScriptURL: () => WORKER })
  return policy.createScriptURL(address) as string
}
