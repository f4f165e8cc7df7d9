/** Puts `text` on the clipboard; resolves to whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Refused by the reader or the browser, or no clipboard on an insecure address.
    return false
  }
}
