import process from 'node:process'
import { CoscribeError } from '@coscribe/shared'
import { version } from '../version.js'
import { UsageError } from './usage-error.js'
import { keepYoungGenerationSmall } from './young-generation.js'

const help = `Usage: coscribe <command>

Commands:
  serve      run the sync server (coscribe serve --help)
  token      print a token for trying it out (coscribe token --help)

Flags:
  --help     show this
  --version  show the version
`

// A command is loaded when it is asked for: who only wants help, or mistyped, does not wait for a whole server.
async function run(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args
  switch (command) {
    case 'serve': {
      keepYoungGenerationSmall()
      const { serve } = await import('./commands/serve.js')
      return serve(rest)
    }
    case 'token': {
      const { token } = await import('./commands/token.js')
      return token(rest)
    }
    case '--version':
    case '-v':
      process.stdout.write(`${version}\n`)
      return 0
    case '--help':
    case '-h':
    case 'help':
      process.stdout.write(help)
      return 0
    case undefined:
      throw new UsageError('name a command, such as coscribe serve; see coscribe --help')
    default:
      throw new UsageError(`there is no command "${command}"; see coscribe --help`)
  }
}

/** The exit code of an error: 2 for what was typed, 1 for what went wrong. */
function report(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`coscribe: ${message}\n`)
  const typed =
    error instanceof UsageError || (error instanceof CoscribeError && error.code === 'bad-option')
  return typed ? 2 : 1
}

// A reader that went away (`coscribe … | head`) must not end the server.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})
process.exit(await run(process.argv.slice(2)).catch(report))
