import { fileURLToPath } from 'node:url'
import type { ServerKind } from './server-kind.js'

const own = fileURLToPath(new URL('../../../server/bin/coscribe.mjs', import.meta.url))
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

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
  ours: true,
  packages: [],
} as const

const floor = { dialect: 'relay', holdsState: false, ours: false, packages: [] } as const

/** Every server there is to compare, by name. */
export const catalog: readonly ServerKind[] = [
  { ...coscribe, name: 'coscribe', dialect: 'coscribe.v1' },
  { ...coscribe, name: 'coscribe-stock', dialect: 'y-websocket' },
  { ...floor, name: 'bare-ws', command: () => [here('./bare-ws.js')] },
  { ...floor, name: 'bare-net', command: () => [here('./bare-net.js')] },
]
