export type { Authenticator, CredentialFault, Identity } from './auth/authenticator.js'
export type { Grants } from './auth/grants.js'
export { verifyWebhook, type WebhookRequest } from './auth/webhook-signature.js'
export type { Logger, LogFields } from './log.js'
export { resolveOptions, type OptionName, type Options } from './options.js'
export type { AccessTarget, RevocationOptions, RevocationTarget, RightsChange } from './rights.js'
export {
  createServer,
  type CoscribeServer,
  type ServerAddress,
  type ServerSetup,
} from './server.js'
export type { SessionInfo } from './transport/live-sessions.js'
