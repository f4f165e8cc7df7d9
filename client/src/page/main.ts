import { systemClock, systemRandom } from '@coscribe/shared'
import { defineElements } from '../editor/define.js'
import { IndexedDbStore } from '../offline/indexed-db-store.js'
import { connect } from '../room.js'
import { DocumentPage } from './document-page.js'
import { keepShell } from './keep-shell.js'
import { browserMemory } from './memory.js'
import { PeopleHere } from './people-here.js'
import { rememberedPerson } from './person.js'
import { documentIdOf, newDocumentId, pathOf } from './route.js'
import { applyTheme, rememberedTheme } from './theme-choice.js'
import { TitleField } from './title-field.js'

applyTheme(document.documentElement, browserMemory, rememberedTheme(browserMemory))
defineElements()
customElements.define('title-field', TitleField)
customElements.define('people-here', PeopleHere)
customElements.define('document-page', DocumentPage)

const url = location.origin
const doc = documentIdOf(location.pathname) ?? newDocumentId(systemRandom)
// A new document, or an address that names none, becomes the address of one; no way back leads to nowhere.
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
keepShell(navigator)
