import type { Phrases } from '../phrases.js'

export const address: Phrases['address'] = {
  tabTitle: 'Hier ist kein Dokument — Coscribe',
  heading: 'Unter dieser Adresse gibt es kein Dokument',
  text: (reason) =>
    `Sie nennt keines: ${reason}. Vielleicht ist unterwegs etwas verloren gegangen.`,
  begin: 'Ein neues Dokument beginnen',
  notLoaded: {
    tabTitle: 'Nicht geladen — Coscribe',
    heading: 'Diese Seite ließ sich nicht laden',
    text: 'Entweder fehlt das Netz, oder der Server wurde inzwischen aktualisiert.',
  },
}
