import type { BrowserPerson } from './browser-people.js'

type Role = Parameters<BrowserPerson['page']['getByRole']>[0]

/** Presses something in the document menu. */
export async function press({ page }: BrowserPerson, item: string): Promise<void> {
  await page.getByRole('button', { name: 'Document menu' }).click()
  await page.locator('#desk-menu').getByRole('button', { name: item, exact: true }).click()
}

export async function choose(ada: BrowserPerson, language: string): Promise<void> {
  await ada.page.getByRole('button', { name: 'Document menu' }).click()
  await ada.page.getByLabel('Language of the text').selectOption(language)
  await ada.page.keyboard.press('Escape')
}

export function named(
  { page }: BrowserPerson,
  role: Role,
  name: string,
): ReturnType<typeof page.getByRole> {
  return page.getByRole(role, { name, exact: true })
}

/** Puts a text in at the caret at once, as a keyboard on a phone does. */
export async function put(ada: BrowserPerson, text: string): Promise<void> {
  await ada.text.focus()
  await ada.page.keyboard.insertText(text)
}

/** What the preview's frame shows, once it shows something. */
export async function preview({ page }: BrowserPerson): Promise<string> {
  return (await page.frameLocator('coscribe-preview iframe').locator('body').innerText()).trim()
}

/** Chooses a file as somebody does in the system's dialog. */
export async function openFile(
  ada: BrowserPerson,
  name: string,
  content: string | Uint8Array,
): Promise<void> {
  const [chooser] = await Promise.all([
    ada.page.waitForEvent('filechooser'),
    press(ada, 'Open a file…'),
  ])
  await chooser.setFiles({ name, mimeType: '', buffer: Buffer.from(content) })
}

/** Drops files on the page. */
export async function drop(
  ada: BrowserPerson,
  files: readonly (readonly [string, string])[],
): Promise<void> {
  await ada.page.evaluate((dropped) => {
    const dataTransfer = new DataTransfer()
    for (const [name, content] of dropped) dataTransfer.items.add(new File([content], name))
    const target =
      document.querySelector('coscribe-editor')?.handle?.view.contentDOM ?? document.body
    for (const type of ['dragenter', 'dragover', 'drop']) {
      const init = { dataTransfer, bubbles: true, cancelable: true, composed: true }
      target.dispatchEvent(new DragEvent(type, init))
    }
  }, files)
}
