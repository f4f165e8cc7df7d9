import type { ConnectOptions } from '../room.js'
import { checkOptions, isFunction, isObject, isText, shown, type Expected } from '../mistakes.js'
import type { EditorSetup, EditorSource, MountOptions } from './mount.js'

type NamesOf<Union> = Union extends unknown ? keyof Union : never

const text: Expected = ['a text', isText]
const anything: Expected = ['anything', () => true]

/** What {@link connect} checks when it is called is not checked here. */
const expected: Readonly<Record<NamesOf<EditorSource> | keyof EditorSetup, Expected>> = {
  room: ['what connect() returns', (value) => isObject(value) && isFunction(value['on'])],
  url: anything,
  doc: anything,
  token: anything,
  offline: anything,
  field: text,
  theme: [
    "'light', 'dark' or 'auto'",
    (value) => ['light', 'dark', 'auto'].includes(String(value)),
  ],
  readOnly: ['true or false', (value) => typeof value === 'boolean'],
  placeholder: text,
  label: text,
  phrases: ['a dictionary, such as loadPhrases() brings', isObject],
  extensions: anything,
}

/** @throws TypeError that says what is wrong, what was given and what to do */
export function checkMountOptions(parent: unknown, options: MountOptions): void {
  if (!isObject(parent) || !isFunction(parent['append'])) {
    const hint = 'is it in the page, and does the script run after it?'
    throw new TypeError(
      `mountEditor(parent, …): parent is the element to put the editor into, got ${shown(parent)}; ${hint}`,
    )
  }
  checkOptions('mountEditor', options, expected, [])
  const given = options as {
    readonly room?: unknown
    readonly url?: unknown
    readonly doc?: unknown
  }
  const hasSource = given.url !== undefined || given.doc !== undefined
  if ((given.room !== undefined) === hasSource) {
    const what = hasSource ? 'all of them' : 'none of them'
    throw new TypeError(
      `mountEditor takes either room, or url and doc to connect to; it was given ${what}`,
    )
  }
}

/** What is for {@link connect} among the options of an editor. */
export function connectOptionsIn(options: MountOptions): ConnectOptions {
  const { url, doc, token, offline } = options as ConnectOptions
  return {
    url,
    doc,
    ...(token === undefined ? {} : { token }),
    ...(offline === undefined ? {} : { offline }),
  }
}
