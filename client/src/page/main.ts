import { systemClock, systemRandom } from '@coscribe/shared'
import { defineElements } from '../editor/define.js'
import { IndexedDbStore } from '../offline/indexed-db-store.js'
import { connect } from '../room.js'
import { DocumentPage } from './document-page.js'
import { keepShell } from './keep-shell.js'
import { browserMemory } from './memory.js'
import { PeopleHere } from './people-here.js'
import { rememberedPerson } from './person.js'
import { newDocumentId, pathOf, routeOf } from './route.js'
import { applyTheme, rememberedTheme } from './theme-choice.js'
import { TitleField } from './title-field.js'
import { showWrongAddress } from './wrong-address.js'

applyTheme(document.documentElement, browserMemory, rememberedTheme(browserMemory))
defineElements()
customElements.define('title-field', TitleField)
customElements.define('people-here', PeopleHere)
customElements.define('document-page', DocumentPage)

function open(doc: string): void {
  const url = location.origin
  // A new document has an address from now on; no way back leads to nowhere.
  history.replaceState(null, '', pathOf(doc) + location.hash)
  const person = rememberedPerson(browserMemory, systemRandom)
  const page = new DocumentPage({
    room: connect({
      url,
      doc,
      offline: new IndexedDbStore({ url, doc }),
      user: { id: person.id, name: person.name },
    }),
    person,
    memory: browserMemory,
    clock: systemClock,
  })
  document.body.append(page)
}

const route = routeOf(location.pathname)
if (route.kind === 'unusable') showWrongAddress(document, route.reason)
else open(route.kind === 'document' ? route.id : newDocumentId(systemRandom))
keepShell(navigator)
