import type { Phrases } from '../phrases.js'

const themes = { system: 'wie das System', light: 'hell', dark: 'dunkel' }

export const page: Phrases['page'] = {
  newDocument: 'Neues Dokument',
  home: 'Coscribe: neues Dokument',
  untitled: 'Ohne Titel',
  title: 'Titel',
  tabTitle: (title) => `${title} — Coscribe`,
  document: 'Dokument',
  text: 'Text',
  skipToText: 'Zum Text springen',
  skipToSignIn: 'Zur Anmeldung springen',
  startWriting: 'Schreib los.',
  startWritingTogether: 'Schreib los. Wer die Adresse hat, kann mitschreiben.',
  share: 'Teilen',
  copied: 'Kopiert',
  addressCopied: 'Die Adresse ist kopiert.',
  forInvited: 'Sie öffnet sich für Leute, die eingeladen sind.',
  forEverybody: 'Wer sie hat, kann lesen und schreiben.',
  textCopied: 'Der Text ist kopiert.',
  help: 'Tastatur und Hilfe',
  theme: (theme) => `Farben: ${themes[theme]}`,
  signOut: 'Abmelden',
  notSignedOut: 'Nicht abgemeldet: der Server ist im Moment nicht erreichbar.',
}
