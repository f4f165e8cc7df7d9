import type { Phrases } from '../phrases.js'
import { reasons } from './reasons.js'
import { megabytes } from './size.js'

export const status: Phrases['status'] = {
  saved: 'Gespeichert',
  savedWithoutCopy: 'Gespeichert — ohne Kopie auf diesem Gerät',
  onDisk: 'Alles liegt auf der Festplatte des Servers.',
  viewOnly: 'Nur Ansicht',
  saving: 'Wird gespeichert …',
  savingPart: (done, all) => `Wird gespeichert … ${megabytes(done)} von ${megabytes(all)} MB`,
  opening: 'Wird geöffnet …',
  connecting: 'Verbindung wird aufgebaut …',
  offlineKept: 'Offline — deine Änderungen bleiben auf diesem Gerät',
  offlineOnlyHere:
    'Offline — dieser Browser behält keine Kopie: deine Änderungen sind nur in diesem Tab',
  sentLater: 'Sie werden gesendet, sobald der Server erreichbar ist.',
  offlineAbsent:
    'Offline — dieses Dokument ist nicht auf diesem Gerät: es öffnet sich, sobald der Server erreichbar ist',
  notOpenYet: (reason) => `Noch nicht offen: ${reason}`,
  notWritable: 'Bis dahin kannst du nichts hineinschreiben.',
  serverNotSaving: 'Der Server speichert gerade nicht — deine Änderungen bleiben auf diesem Gerät',
  notSaved: (reason) => `Nicht gespeichert: ${reason}`,
  readOnlyNow: 'Nicht gespeichert: du darfst dieses Dokument nur noch lesen',
  sentWhenAllowed: 'Es wird gesendet, sobald du wieder schreiben darfst.',
  notSignedIn: 'Nicht angemeldet',
  noAccess: 'Kein Zugang',
  inTrash: 'Im Papierkorb',
  notConnected: (reason) => `Nicht verbunden: ${reason}`,
  notConnectedKept: (reason) =>
    `Nicht verbunden: ${reason} — deine Änderungen bleiben auf diesem Gerät`,
  closedHere: 'dieses Dokument wurde hier geschlossen',
  notConfirmed: 'der Server hat es nicht bestätigt',
  noCopyOffline: 'du bist offline, und dieser Browser behält keine Kopie',
  copyText: 'Text kopieren',
  copied: 'Kopiert',
  download: 'Herunterladen',
  retry: 'Noch einmal versuchen',
  reasons,
}
