import type { Phrases } from '../phrases.js'

export const address: Phrases['address'] = {
  tabTitle: 'Hier ist kein Dokument — Coscribe',
  heading: 'Unter dieser Adresse gibt es kein Dokument',
  text: (reason) =>
    `Sie nennt keines: ${reason}. Vielleicht ist unterwegs etwas verloren gegangen.`,
  begin: 'Ein neues Dokument beginnen',
}
