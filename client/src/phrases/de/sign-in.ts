import type { Phrases } from '../phrases.js'

export const signIn: Phrases['signIn'] = {
  nobody: {
    heading: 'Melde dich an, um dieses Dokument zu öffnen',
    text: 'Es ist offen für Leute, die eingeladen sind. Öffne deinen Einladungslink, oder füge ihn hier ein.',
  },
  ended: {
    heading: 'Dein Zugang ist abgelaufen',
    text: 'Öffne einen neuen Einladungslink, um weiterzumachen, oder füge ihn hier ein.',
  },
  forbidden: {
    heading: 'Dieses Dokument ist nicht für dich offen',
    text: (name) =>
      (name === ''
        ? 'Womit du gekommen bist, gibt dir'
        : `Du bist angemeldet als ${name} und hast`) +
      ' kein Recht darauf. Mit einem anderen Einladungslink hast du es vielleicht.',
  },
  label: 'Einladungslink oder Zugangsschlüssel',
  retry: 'Noch einmal versuchen',
  open: 'Öffnen',
  opening: 'Wird geöffnet …',
  pasteSomething: 'Füge einen Einladungslink oder einen Zugangsschlüssel ein.',
  neither: 'Das ist weder ein Einladungslink noch ein Zugangsschlüssel.',
  noInvite: 'Dieser Link ist keine Einladung: ihm fehlt der Schlüssel.',
  otherServer: (host) => `Dieser Link führt zu einem anderen Server: ${host}.`,
  unreachable: 'Der Server ist im Moment nicht erreichbar.',
  notAccepted: 'Das wurde nicht angenommen.',
}
