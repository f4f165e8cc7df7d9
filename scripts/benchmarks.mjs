/** `npm run bench`: the servers, or with `editor` as the first argument what a browser does. Returns the exit code. */
export async function runBenchmark(args) {
  if (args[0] === 'editor') {
    const { runTypeScript } = await import('./typescript.mjs')
    return runTypeScript('test/bench/main.ts', args.slice(1))
  }
  const { main } = await import('../bench/dist/main.js')
  return main(args)
}
