import * as Y from 'yjs'
import { checkOptions, checkYjs, isFunction, isObject, isText, type Expected } from './mistakes.js'
import type { ConnectOptions } from './room.js'

const expected: Readonly<Record<keyof ConnectOptions, Expected>> = {
  url: ["the server's address, such as 'ws://127.0.0.1:1234'", isText],
  doc: ["the document's id, a text", isText],
  token: [
    'a text that is not empty, or a function that brings one',
    (value) => isFunction(value) || (isText(value) && value !== ''),
  ],
  ydoc: ['a Y.Doc', isObject],
  WebSocket: ['a WebSocket class, such as that of the ws package', isFunction],
  offline: [
    "a store, such as new IndexedDbStore({ url, doc }) of '@coscribe/client/offline'",
    (value) => isObject(value) && isFunction(value['load']),
  ],
  user: ["an object, such as { name: 'Ada' }", isObject],
  clock: ['a clock', isObject],
  random: ['a source of chance', isObject],
  network: ['an object', isObject],
}

/** @throws TypeError for options that are unknown or of the wrong kind */
export function checkConnectOptions(options: ConnectOptions): void {
  checkOptions('connect', options, expected, ['url', 'doc'])
  if (options.ydoc !== undefined) checkYjs('connect: ydoc', options.ydoc, Y.Doc)
}
