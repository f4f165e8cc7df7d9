/** Calls `listener` whenever the page comes into view, as when somebody goes back to its tab, until told to stop. */
export function onSeenAgain(page: Document, listener: () => void): () => void {
  const look = (): void => {
    if (page.visibilityState === 'visible') listener()
  }
  page.addEventListener('visibilitychange', look)
  return () => page.removeEventListener('visibilitychange', look)
}
