import process from 'node:process'
import { CoscribeError } from '@coscribe/shared'
import { SECRET_VARIABLE, WEBHOOK_SECRET_VARIABLE } from '../../auth/configured-keys.js'
import type { AuthSecrets } from '../../auth/configured-authenticator.js'
import { flagOf, optionsHelp, resolveOptions, type Options } from '../../options.js'
import type { CoscribeServer } from '../../server.js'
import type { FlushableLogger } from '../logger.js'
import { readServeArguments } from '../serve-arguments.js'
import { onStopSignal } from '../stop-signals.js'

const help = `Usage: coscribe serve [flags]

Runs the sync server. It prints one line with its address when it is ready, and stops on SIGTERM or SIGINT
after committing what it received. Every flag can also be set by the environment variable beside it.

${optionsHelp()}
  (${SECRET_VARIABLE})
      what would be in the file of ${flagOf('authSecretFile')}; there is no flag for it, because others see flags
  (${WEBHOOK_SECRET_VARIABLE})
      what would be in the file of ${flagOf('authWebhookSecretFile')}
  --help
      show this
`

/** A stop that takes this much longer than it may is cut off. */
const SPARE_STOP_MS = 1_500

/**
 * Runs until it is told to stop; returns the exit code.
 *
 * @throws UsageError, or CoscribeError `bad-option`, for arguments that cannot be used
 */
export async function serve(args: readonly string[]): Promise<number> {
  const request = readServeArguments(args, process.env)
  if (request.kind === 'help') {
    process.stdout.write(help)
    return 0
  }
  const { options } = resolveOptions(request.options)
  const { createLogger } = await import('../logger.js')
  const { createServer } = await import('../../server.js')
  const logger = createLogger(options.logLevel)
  const server = createServer({ ...request.options, ...takeSecrets(process.env), logger })
  exitOnMistake(logger)
  const stopped = stopOnSignal(server, logger)
  try {
    const { url } = await server.start()
    // Whoever waits for the line on stdout finds there what was said before it.
    logger.flush()
    process.stdout.write(`coscribe listening on ${url}\n`)
  } catch (error) {
    process.stderr.write(`coscribe: ${startFailure(error, options)}\n`)
    logger.flush()
    // A mistake in the arguments that only shows now, such as a name that is not loopback after all.
    return error instanceof CoscribeError && error.code === 'bad-option' ? 2 : 1
  }
  return stopped
}

/** The secrets, which nothing that this process starts needs to know. */
function takeSecrets(environment: NodeJS.ProcessEnv): AuthSecrets {
  const authSecret = taken(environment, SECRET_VARIABLE)
  const authWebhookSecret = taken(environment, WEBHOOK_SECRET_VARIABLE)
  return {
    ...(authSecret === '' ? {} : { authSecret }),
    ...(authWebhookSecret === '' ? {} : { authWebhookSecret }),
  }
}

function taken(environment: NodeJS.ProcessEnv, variable: string): string {
  const value = environment[variable] ?? ''
  delete environment[variable]
  return value
}

/** Resolves with the exit code when the server has stopped after a signal. */
function stopOnSignal(server: CoscribeServer, logger: FlushableLogger): Promise<number> {
  return new Promise((resolve) => {
    const stop = (): void => {
      // Keeps the process until everything is committed, though no socket is left; and ends a stop that hangs.
      const timeoutMs = server.options.stopTimeoutMs + SPARE_STOP_MS
      const cutOff = setTimeout(() => process.exit(1), timeoutMs)
      server.stop().then(
        () => finish(0),
        (error: unknown) => {
          process.stderr.write(`coscribe: ${messageOf(error)}\n`)
          finish(1)
        },
      )
      function finish(code: number): void {
        clearTimeout(cutOff)
        logger.flush()
        resolve(code)
      }
    }
    onStopSignal(stop, () => process.exit(1))
  })
}

/**
 * No input may get here. If one does, the state of the process is unknown and it ends: what was acknowledged is on
 * disk, and clients bring the rest.
 */
function exitOnMistake(logger: FlushableLogger): void {
  const exit = (error: unknown): void => {
    logger.error({ err: error }, 'an unexpected error ended the server')
    logger.flush()
    process.exit(1)
  }
  process.on('uncaughtException', exit)
  process.on('unhandledRejection', exit)
}

function startFailure(error: unknown, options: Options): string {
  const where = `${options.host}:${options.port}`
  switch ((error as { code?: unknown }).code) {
    case 'EADDRINUSE':
      return `${where} is in use by another program; stop it or choose another port with ${flagOf('port')}`
    case 'EACCES':
    case 'EPERM':
      return `${where} or the folder ${options.data} may not be used by this user (${messageOf(error)})`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${options.host} is no address of this machine; choose another with ${flagOf('host')}`
    default:
      return messageOf(error)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
