import process from 'node:process'
import { createViteServer } from 'vitest/node'
import { root } from './prepare.mjs'

/** Runs `main` of a TypeScript file of this checkout, against the build of the packages. Returns its exit code. */
export async function runTypeScript(file, args = []) {
  process.chdir(root)
  const vite = await createViteServer({
    configFile: false,
    root,
    logLevel: 'warn',
    appType: 'custom',
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  })
  try {
    const { main } = await vite.ssrLoadModule(`/${file}`)
    return await main(args)
  } finally {
    await vite.close()
  }
}
