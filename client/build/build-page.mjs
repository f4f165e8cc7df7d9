import { createHash } from 'node:crypto'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { extname, join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { build } from 'vite'
import { allInside, fewerWords, slimPackages } from './slim-packages.mjs'

const client = fileURLToPath(new URL('..', import.meta.url))
const root = join(client, 'src', 'page')
/** Part of the server's package, which serves it. */
const target = resolve(
  process.argv[2] ?? fileURLToPath(new URL('../../server/page', import.meta.url)),
)
/** Beside its place, so that one renaming puts a whole page there and a failed build leaves the old one. */
const outDir = mkdtempSync(`${target}.new-`)

const shared = {
  configFile: false,
  root,
  logLevel: 'warn',
  plugins: slimPackages,
  resolve: {
    conditions: ['coscribe-source', 'module', 'browser', 'production'],
    dedupe: ['yjs', '@codemirror/state', '@codemirror/view', 'lib0'],
  },
}

/** A package that does not say so itself; what nobody uses of it is most of a parser. */
const rolldownOptions = {
  treeshake: { moduleSideEffects: [{ test: /@lezer[\\/]common/, sideEffects: false }] },
}

const browsers = ['chrome123', 'firefox121', 'safari17.5']

async function buildPage() {
  await build({
    ...shared,
    build: {
      outDir,
      emptyOutDir: true,
      target: browsers,
      manifest: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: {
        ...rolldownOptions,
        output: { chunkFileNames: (chunk) => `assets/${nameOf(chunk)}-[hash:8].js` },
      },
    },
  })
}

/** Chunks are told from each other by name, also across versions: packages call theirs all the same. */
function nameOf({ name, facadeModuleId, moduleIds }) {
  const module = facadeModuleId ?? moduleIds.at(-1) ?? ''
  const [, packageName = name] = /.*node_modules\/(?:@[^/]+\/)?([^/]+)/.exec(module) ?? []
  return packageName
}

/** One file with everything inside, for a script tag; or for a worker, which imports nothing. */
async function buildScript(entry, fileName, options = {}) {
  const { define = {}, name = 'Coscribe' } = options
  await build({
    ...shared,
    plugins: [...slimPackages, allInside, fewerWords],
    publicDir: false,
    define: { 'process.env.NODE_ENV': '"production"', ...define },
    build: {
      outDir,
      emptyOutDir: false,
      target: browsers,
      reportCompressedSize: false,
      rolldownOptions,
      lib: { entry: join(client, 'src', entry), formats: ['iife'], name, fileName: () => fileName },
    },
  })
}

/** Files beside the assets that the page shows, or that install it. */
const fixtures = [
  '/favicon.svg',
  '/manifest.webmanifest',
  '/icon-192.png',
  '/icon-512.png',
  '/icon-maskable.png',
]

/** What is at the addresses of the page, and around a text: modules that it loads when somebody comes there. */
const places = new Set([
  'visit.ts',
  'home/home-place.ts',
  'desk/define.ts',
  'share/share-dialog.ts',
])

/**
 * What a page needs to open without a network (`paths`), what else there is to be kept once it was used (`lazy`), and
 * the script by which the page of this build is told from others.
 */
function shell() {
  const html = readFileSync(join(outDir, 'index.html'), 'utf8')
  const manifest = JSON.parse(readFileSync(join(outDir, '.vite', 'manifest.json'), 'utf8'))
  const [entry] = Object.values(manifest).filter((chunk) => chunk.isEntry)
  const first = new Set()
  // Whoever opens the page without a network goes to any of its places, and reads their own language.
  const wanted = Object.keys(manifest).filter(
    (name) => name.includes('phrases/') || places.has(name),
  )
  const visit = (chunk) => {
    if (chunk === undefined || first.has(chunk.file)) return
    first.add(chunk.file)
    for (const style of chunk.css ?? []) first.add(style)
    for (const next of chunk.imports ?? []) visit(manifest[next])
  }
  for (const chunk of [entry, ...wanted.map((name) => manifest[name])]) visit(chunk)
  const assets = readdirSync(join(outDir, 'assets')).map((file) => `assets/${file}`)
  const paths = [...[...first].map((file) => `/${file}`), ...fixtures]
  const lazy = assets.filter((file) => !first.has(file)).map((file) => `/${file}`)
  const version = createHash('sha256')
    .update(html + paths.join() + lazy.join())
    .digest('hex')
    .slice(0, 16)
  return { version, entry: `/${entry.file}`, paths, lazy }
}

const compressible = new Set(['.html', '.js', '.css', '.svg', '.webmanifest'])

async function compress() {
  const files = readdirSync(outDir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(outDir, name))
    .filter((file) => compressible.has(extname(file)) && statSync(file).isFile())
  await Promise.all(files.map(compressFile))
}

async function compressFile(file) {
  const body = readFileSync(file)
  // Quality 9 is within 2 % of the best for a fifth of the time.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 22 }
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(body, { params }),
    promisify(gzip)(body, { level: 9 }),
  ])
  if (br.length < body.length) writeFileSync(`${file}.br`, br)
  if (gz.length < body.length) writeFileSync(`${file}.gz`, gz)
}

try {
  await buildPage()
  await buildScript('editor/script.ts', 'coscribe-editor.js')
  await buildScript('page/service-worker.ts', 'service-worker.js', {
    name: 'worker',
    define: { SHELL: JSON.stringify(shell()) },
  })
  await compress()
  rmSync(target, { recursive: true, force: true })
  renameSync(outDir, target)
} finally {
  rmSync(outDir, { recursive: true, force: true })
}
