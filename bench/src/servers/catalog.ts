import { fileURLToPath } from 'node:url'
import type { ServerKind } from './server-kind.js'

const own = fileURLToPath(new URL('../../../server/bin/coscribe.mjs', import.meta.url))
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

const peer = (file: string): string =>
  fileURLToPath(new URL(`../../peers/${file}`, import.meta.url))

const coscribe = {
  command: (data: string, flags: readonly string[]) => [
    own,
    'serve',
    '--port=0',
    `--data=${data}`,
    '--log-level=error',
    ...flags,
  ],
  holdsState: true,
  persists: true,
  ours: true,
} as const

const floor = { dialect: 'relay', holdsState: false, persists: false, ours: false } as const
const yWebsocket = { dialect: 'y-websocket', holdsState: true, ours: false } as const
const hocuspocus = { dialect: 'hocuspocus', holdsState: true, ours: false } as const

/** Every server there is to compare, by name. */
export const catalog: readonly ServerKind[] = [
  { ...coscribe, name: 'coscribe', dialect: 'coscribe.v1' },
  { ...coscribe, name: 'coscribe-stock', dialect: 'y-websocket' },
  {
    ...yWebsocket,
    name: 'y-websocket',
    persists: false,
    command: () => [peer('y-websocket-server.mjs')],
  },
  {
    ...yWebsocket,
    name: 'y-leveldb',
    persists: true,
    command: (data) => [peer('y-websocket-server.mjs'), data],
  },
  {
    ...hocuspocus,
    name: 'hocuspocus',
    persists: false,
    command: () => [peer('hocuspocus.mjs')],
  },
  {
    ...hocuspocus,
    name: 'hocuspocus-sqlite',
    persists: true,
    command: (data) => [peer('hocuspocus.mjs'), data],
  },
  { ...floor, name: 'bare-ws', command: () => [here('./bare-ws.js')] },
  { ...floor, name: 'bare-net', command: () => [here('./bare-net.js')] },
]

/** The floor of joins; it has nothing to do anywhere else. */
export const fileFloor: ServerKind = {
  name: 'bare-file',
  dialect: 'y-websocket',
  holdsState: true,
  persists: true,
  ours: false,
  command: (data) => [here('./bare-file.js'), data],
}

/** Where a flood goes that is nobody's business. */
export const sink: ServerKind = {
  name: 'bare-sink',
  dialect: 'relay',
  holdsState: false,
  persists: false,
  ours: false,
  command: () => [here('./bare-sink.js')],
}
