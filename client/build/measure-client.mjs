// Prints what `import { connect } from '@coscribe/client'` costs a page, in bytes of gzip, as JSON: `own` without
// yjs, y-protocols and lib0, `all` with them.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const client = fileURLToPath(new URL('..', import.meta.url))
const entry = 'virtual:entry'

/** Whoever imports only this gets nothing else of the package. */
const virtualEntry = {
  name: 'virtual-entry',
  // Vite makes a path of it.
  resolveId: (id) => (id.endsWith(entry) ? entry : null),
  load: (id) =>
    id === entry ? `export { connect } from ${JSON.stringify(join(client, 'src/index.ts'))}` : null,
}

async function gzipBytes(external) {
  const built = await build({
    configFile: false,
    root: client,
    logLevel: 'warn',
    publicDir: false,
    plugins: [virtualEntry],
    resolve: {
      conditions: ['coscribe-source', 'module', 'browser', 'production'],
      dedupe: ['yjs', 'lib0'],
    },
    build: {
      write: false,
      target: 'es2022',
      reportCompressedSize: false,
      lib: { entry, formats: ['es'], fileName: 'client' },
      rolldownOptions: { external, output: { minify: true } },
    },
  })
  const chunks = [built].flat().flatMap(({ output }) => output)
  return chunks.reduce((sum, { code = '' }) => sum + gzipSync(code, { level: 9 }).length, 0)
}

const own = await gzipBytes([/^yjs$/, /^y-protocols\//, /^lib0\//])
console.log(JSON.stringify({ own, all: await gzipBytes([]) }))
