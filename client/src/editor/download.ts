import { systemClock } from '@coscribe/shared'

/** Lets the browser save `text` as a file on this device. */
export function downloadText(page: Document, name: string, text: string): void {
  downloadFile(page, name, new Blob([text], { type: 'text/plain;charset=utf-8' }))
}

/** Lets the browser save something as a file on this device. */
export function downloadFile(page: Document, name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = page.createElement('a')
  link.href = address
  link.download = name.replaceAll(/[\\/:*?"<>|]/g, '-')
  link.click()
  // The download has its own hold on the data once it began, which it has by the next turn.
  systemClock.soon(() => URL.revokeObjectURL(address))
}
