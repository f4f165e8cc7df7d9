import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Rollup } from 'vite'

const source = fileURLToPath(new URL('../../client/src', import.meta.url))

/** What a bundle is made of. */
export interface Bundled {
  /** Compressed, in KiB. */
  readonly kib: number
  /** The files of ours in it, relative to the client's sources. */
  readonly files: readonly string[]
}

/** What does not count. */
export interface Outside {
  /** Packages by name. */
  readonly packages: readonly string[]
  /** Files and folders of ours, relative to the client's sources. */
  readonly own: readonly string[]
}

/** Stands for an application's own module. */
const APPLICATION = 'virtual:application'

/**
 * Bundles an entry of the client as an application would, and compresses it.
 *
 * @param entry relative to the client's sources
 * @param names what the application imports of it; everything by default
 */
export async function bundled(
  entry: string,
  { packages, own }: Outside,
  names?: readonly string[],
): Promise<Bundled> {
  const file = join(source, entry)
  const result = (await build({
    configFile: false,
    root: source,
    logLevel: 'error',
    publicDir: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    resolve: { conditions: ['coscribe-source', 'module', 'browser', 'production'] },
    plugins: [
      {
        name: 'outside',
        enforce: 'pre',
        load: (id) =>
          id === APPLICATION
            ? `export { ${names?.join() ?? ''} } from ${JSON.stringify(file)}`
            : null,
        async resolveId(id, importer) {
          // Vite makes a path of it.
          if (importer === undefined) return id.endsWith(APPLICATION) ? APPLICATION : null
          if (among(packages, id)) return { id, external: true }
          const found = await this.resolve(id, importer, { skipSelf: true })
          const isOwn = found !== null && among(own, relative(source, found.id))
          return isOwn ? { id: found.id, external: true } : found
        },
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      lib: {
        entry: names === undefined ? file : APPLICATION,
        formats: ['es'],
        fileName: () => 'bundle.js',
      },
      // In a library Vite leaves the white space to the bundler of the application, and this is one.
      rolldownOptions: { output: { minify: true } },
    },
  })) as Rollup.RollupOutput[]
  const chunks = result.flatMap(({ output }) => output).filter((part) => part.type === 'chunk')
  // What is only loaded when it is used does not count.
  const first = chunks.filter(({ isDynamicEntry }) => !isDynamicEntry)
  const bytes = first.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0)
  const files = first.flatMap(({ moduleIds }) => moduleIds.map((id) => relative(source, id)))
  return { kib: bytes / 1_024, files: files.filter((each) => !each.startsWith('..')) }
}

function among(names: readonly string[], path: string): boolean {
  return names.some((name) => path === name || path.startsWith(`${name}/`))
}
