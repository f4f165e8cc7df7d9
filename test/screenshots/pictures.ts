import type { BrowserPerson } from '../support/browser-people.js'
import { press as pressInMenu } from '../support/desk-hands.js'
import type { SceneOptions } from './scene.js'

/** One picture. */
export interface Picture extends SceneOptions {
  /** What the reader does before it is taken. */
  readonly before?: (reader: BrowserPerson) => Promise<void>
  /** Also for the README. */
  readonly kept?: boolean
}

const phone = { width: 390, height: 844 }
/** What a window of 1280 × 800 has room for at 200 % zoom. */
const zoomed = { width: 640, height: 400 }

/** Every view and state that a person meets, by the name of its file. */
export const pictures: Readonly<Record<string, Picture>> = {
  light: { density: 2, kept: true },
  dark: { density: 2, kept: true, dark: true },
  phone: { size: phone, density: 2, touch: true },
  'phone-dark': { size: phone, density: 2, touch: true, dark: true },
  zoom: { size: zoomed, density: 2 },
  'zoom-dark': { size: zoomed, density: 2, dark: true },
  wide: { size: { width: 1920, height: 1080 } },
  crowd: { others: ['Kofi', 'Noor', 'Leo', 'Sam', 'Lena', 'Jun'] },
  'crowd-phone': {
    others: ['Kofi', 'Noor', 'Leo', 'Sam', 'Lena', 'Jun'],
    size: phone,
    density: 2,
    touch: true,
  },
  empty: { empty: true },
  'empty-phone': { empty: true, size: phone, density: 2, touch: true },
  offline: { before: (reader) => goOffline(reader) },
  'offline-phone': { before: (reader) => goOffline(reader), size: phone, density: 2, touch: true },
  'offline-dark': { before: (reader) => goOffline(reader), dark: true },
  'not-saved': { before: loseWork, script: withoutDatabase },
  'not-saved-dark': { before: loseWork, script: withoutDatabase, dark: true },
  'not-saved-phone': {
    before: loseWork,
    script: withoutDatabase,
    size: phone,
    density: 2,
    touch: true,
  },
  help: { before: (reader) => press(reader, 'Keyboard and help') },
  'help-dark': { before: (reader) => press(reader, 'Keyboard and help'), dark: true },
  'help-phone': {
    before: (reader) => choose(reader, 'Keyboard and help'),
    size: phone,
    density: 2,
    touch: true,
  },
  share: { before: (reader) => press(reader, 'Share'), script: withoutClipboard },
  'share-dark': {
    before: (reader) => press(reader, 'Share'),
    script: withoutClipboard,
    dark: true,
  },
  'share-zoom': {
    before: (reader) => press(reader, 'Share'),
    script: withoutClipboard,
    size: zoomed,
    density: 2,
  },
  settings: { before: (reader) => choose(reader, 'Settings…') },
  'settings-phone': {
    before: (reader) => choose(reader, 'Settings…'),
    size: phone,
    density: 2,
    touch: true,
    dark: true,
  },
  name: { before: (reader) => press(reader, 'Ben (you): change name') },
  focus: { before: (reader) => walk(reader, 4) },
  'focus-skip': { before: (reader) => walk(reader, 1) },
}

/** Until the line about it is the last one. */
async function goOffline(reader: BrowserPerson, line = 'kept on this device'): Promise<void> {
  await reader.context.setOffline(true)
  await reader.page.evaluate(() => document.querySelector('coscribe-editor')?.room?.disconnect())
  await reader.write(' And it should smell of tea.')
  await reader.status.getByText(line).first().waitFor()
}

function loseWork(reader: BrowserPerson): Promise<void> {
  return goOffline(reader, 'Not saved')
}

async function press(reader: BrowserPerson, name: string): Promise<void> {
  await reader.page.getByRole('button', { name }).click()
  await reader.page.getByRole('dialog').waitFor()
}

/** The same from the menu, where a phone has what it has no room for. */
async function choose(reader: BrowserPerson, item: string): Promise<void> {
  await pressInMenu(reader, item)
  await reader.page.getByRole('dialog').waitFor()
}

/** Goes along with the Tab key, from the top of the page. */
async function walk(reader: BrowserPerson, steps: number): Promise<void> {
  await reader.page.evaluate(() => {
    document.body.tabIndex = -1
    document.body.focus()
  })
  for (let step = 0; step < steps; step++) await reader.page.keyboard.press('Tab')
}

function withoutDatabase(): void {
  Object.defineProperty(window, 'indexedDB', { value: undefined })
}

function withoutClipboard(): void {
  Object.defineProperty(navigator, 'clipboard', { value: undefined })
}
