import { reasons } from './reasons.js'
import { megabytes } from './size.js'

/** Where a person's work is. */
export const status = {
  saved: 'Saved',
  savedWithoutCopy: 'Saved — no copy on this device',
  onDisk: 'Everything is on the disk of the server.',
  viewOnly: 'View only',
  saving: 'Saving…',
  savingPart: (done: number, all: number) => `Saving… ${megabytes(done)} of ${megabytes(all)} MB`,
  opening: 'Opening…',
  connecting: 'Connecting…',
  offlineKept: 'Offline — your changes are kept on this device',
  offlineOnlyHere: 'Offline — this browser keeps no copy: your changes live only in this tab',
  sentLater: 'They are sent as soon as the server can be reached.',
  offlineAbsent:
    'Offline — this document is not on this device: it opens as soon as the server can be reached',
  notOpenYet: (reason: string) => `Not open yet: ${reason}`,
  notWritable: 'Until then nothing can be written in it.',
  serverNotSaving: 'The server is not saving — your changes are kept on this device',
  notSaved: (reason: string) => `Not saved: ${reason}`,
  readOnlyNow: 'Not saved: you may only read this document now',
  sentWhenAllowed: 'It is sent when you may write again.',
  notSignedIn: 'Not signed in',
  noAccess: 'No access',
  inTrash: 'In the trash',
  notConnected: (reason: string) => `Not connected: ${reason}`,
  notConnectedKept: (reason: string) =>
    `Not connected: ${reason} — your changes are kept on this device`,
  closedHere: 'this document was closed here',
  notConfirmed: 'the server has not confirmed it',
  noCopyOffline: 'you are offline, and this browser keeps no copy',
  copyText: 'Copy text',
  copied: 'Copied',
  download: 'Download',
  retry: 'Retry',
  reasons,
}
