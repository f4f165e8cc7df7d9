import type { BrowserPeople, BrowserPerson } from './browser-people.js'
import { startTestServer } from './test-server.js'

const LINES = 200

/** Ada with a long text, and Ben. */
export async function adaAndBen(
  people: BrowserPeople,
  before?: (ben: BrowserPerson) => Promise<void>,
): Promise<{ readonly ada: BrowserPerson; readonly ben: BrowserPerson }> {
  const { url } = await startTestServer()
  const ada = await people.person({
    before: [() => localStorage.setItem('coscribe.name', 'Ada')],
    context: { colorScheme: 'dark' },
    installs: false,
  })
  await ada.open(url)
  await ada.text.focus()
  const lines = Array.from({ length: LINES }, (_, i) => `line ${i + 1}`)
  await ada.page.keyboard.insertText(lines.join('\n'))
  const ben = await people.person({
    before: [
      () => {
        localStorage['coscribe.name'] ??= 'Ben'
      },
    ],
    installs: false,
  })
  await before?.(ben)
  await ben.open(ada.page.url())
  await ben.reads(lines.join('\n'))
  return { ada, ben }
}

/** Puts the caret into a line. */
export async function goTo({ page }: BrowserPerson, line: number): Promise<void> {
  // Of two tabs in one window Firefox gives the focus to the one that is seen.
  await page.bringToFront()
  await page.evaluate((number) => {
    const view = document.querySelector('coscribe-editor')?.handle?.view
    view?.focus()
    const anchor = view?.state.doc.line(number).to ?? 0
    view?.dispatch({ selection: { anchor }, scrollIntoView: true, userEvent: 'select' })
  }, line)
}

/** The lines of others' carets that can be seen on the screen. */
export function linesSeen({ page }: BrowserPerson): Promise<readonly number[]> {
  return page.evaluate(() => {
    const editor = document.querySelector('coscribe-editor')
    const view = editor?.handle?.view
    const main = document.querySelector('main')?.getBoundingClientRect()
    const carets = editor?.shadowRoot?.querySelectorAll('.cm-coscribeCaret') ?? []
    if (view === undefined || main === undefined) return []
    return [...carets].flatMap((caret) => {
      const { left, top, bottom } = caret.getBoundingClientRect()
      if (top < main.top || bottom > main.bottom) return []
      const at = view.posAtCoords({ x: left + 1, y: (top + bottom) / 2 })
      return at === null ? [] : [view.state.doc.lineAt(at).number]
    })
  })
}

export function following({ page }: BrowserPerson): Promise<string | null | undefined> {
  return page.evaluate(() => document.querySelector('coscribe-editor')?.handle?.following)
}

export async function pressInList({ page }: BrowserPerson, name: string): Promise<void> {
  await page.locator('#everybody').click()
  await page.locator('coscribe-avatars').getByRole('button', { name, exact: true }).last().click()
}

/** The faces of others, by what they are called. */
export function faces({ page }: BrowserPerson): Promise<readonly (string | null)[]> {
  return page
    .locator('coscribe-avatars .people .face:not(.own)')
    .evaluateAll((all) => all.map((face) => face.getAttribute('title')))
}

/** Keeps what is read out in the editor: it is there for a fifth of a second only. */
export async function listen({ page }: BrowserPerson): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const said: (string | null)[] = []
    Object.assign(window, { heard: said })
    const root = document.querySelector('coscribe-editor')?.shadowRoot
    const live = root?.querySelector('.cm-announced')
    if (live === null || live === undefined) throw new Error('nothing can be read out')
    new MutationObserver(() => {
      const { lastElementChild } = live
      if (lastElementChild !== null) said.push(lastElementChild.textContent)
    }).observe(live, { childList: true })
  })
  return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard)
}
