import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import { systemClock } from '@coscribe/shared'

/** The header that a question to a webhook is signed in. */
export const SIGNATURE_HEADER = 'coscribe-signature'

/** How old a question may be, in milliseconds: a recorded one is worth nothing later. */
const MAX_AGE_MS = 5 * 60_000
const FORMAT = /^t=(\d{1,12})((?:,v1=[0-9a-f]{64}){1,2})$/

/**
 * The value of {@link SIGNATURE_HEADER}: `t=<seconds since 1970>`, then for each secret `,v1=` and HMAC-SHA256 in
 * hexadecimal of the seconds, a dot and the body as it is sent. Two secrets while they are exchanged.
 */
export function signatureOf(keys: readonly KeyObject[], body: string, seconds: number): string {
  return `t=${seconds}${keys.map((key) => `,v1=${hmac(key, `${seconds}.`, body).toString('hex')}`).join('')}`
}

/** What a webhook has received. */
export interface WebhookRequest {
  /** The body, byte for byte: parsed and printed again it would be another. */
  readonly body: string | Uint8Array
  /** The header `coscribe-signature`. */
  readonly signature: string | undefined
}

/**
 * Whether a question is from the server that has this secret, as a webhook checks it before it answers.
 *
 * @param nowMs wall-clock milliseconds; a question of more than five minutes before or after is none
 */
export function verifyWebhook(
  { body, signature = '' }: WebhookRequest,
  secret: string,
  nowMs: number = systemClock.wallTime(),
): boolean {
  const [, seconds = '', values = ''] = FORMAT.exec(signature) ?? []
  if (seconds === '' || Math.abs(nowMs - Number(seconds) * 1_000) > MAX_AGE_MS) return false
  const wanted = hmac(createSecretKey(Buffer.from(secret)), `${seconds}.`, body)
  const given = values.slice(1).split(',')
  return given.some((value) => timingSafeEqual(Buffer.from(value.slice(3), 'hex'), wanted))
}

function hmac(key: KeyObject, head: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(head).update(body).digest()
}
