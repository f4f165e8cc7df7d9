import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { systemClock } from '@coscribe/shared'
import { configuredKeys, SECRET_VARIABLE } from '../../auth/configured-keys.js'
import { signToken } from '../../auth/sign-token.js'
import { readTokenArguments } from '../token-arguments.js'
import { UsageError } from '../usage-error.js'

const help = `Usage: coscribe token --sub <who> --doc <document id> [flags]

Prints a token for trying out a server that was started with the same secret.

  --sub <text>          who it is for
  --name <text>         what others are shown as their name; without it, they say one themselves
  --doc <text>          a document it opens; may be given several times
  --prefix <text>       what the ids of documents begin with that it opens; may be given several times
  --access <level>      read, comment, write or admin (default write)
  --ttl <time>          how long it is good for, such as 90s, 15m, 1h or 7d; at most 30d (default 1h)
  --issuer <text>       (default coscribe)
  --audience <text>     (default coscribe)
  --secret-file <file>  the file with the secret; else it is taken from ${SECRET_VARIABLE}
  --help                show this
`

/**
 * Prints a token; returns the exit code.
 *
 * @throws UsageError, or CoscribeError `bad-option`, for arguments that cannot be used
 */
export async function token(args: readonly string[]): Promise<number> {
  const request = readTokenArguments(args)
  if (request === null) {
    process.stdout.write(help)
    return 0
  }
  // The first is the one that signs; the second is on its way out.
  const [key] = keysFrom(request.secretFile)
  if (key === undefined) {
    throw new UsageError(`--secret-file or ${SECRET_VARIABLE} says what to sign with`)
  }
  const nowSeconds = Math.floor(systemClock.wallTime() / 1_000)
  const text = await signToken(key, { ...request, tokenId: randomUUID(), nowSeconds })
  process.stdout.write(`${text}\n`)
  return 0
}

function keysFrom(authSecretFile = '') {
  const { [SECRET_VARIABLE]: secret } = process.env
  const authSecret = authSecretFile === '' && secret !== '' ? secret : undefined
  return configuredKeys({ authSecretFile, authKeyFile: '' }, authSecret)
}
