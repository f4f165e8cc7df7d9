import { arrivalToken } from './arrival.js'
import { systemRandom } from '@coscribe/shared'
import { defineElements } from '../editor/define.js'
import { defineDesk } from './desk/define.js'
import { DocumentPage } from './document-page.js'
import { keepShell } from './keep-shell.js'
import { browserMemory } from './memory.js'
import { PageAccess } from './page-access.js'
import { PeopleHere } from './people-here.js'
import { newDocumentId, pathOf, routeOf } from './route.js'
import { signIn, signOut, whoIsSignedIn } from './session-routes.js'
import { SignIn } from './sign-in.js'
import { applyTheme, rememberedTheme } from './theme-choice.js'
import { TitleField } from './title-field.js'
import { Visit } from './visit.js'
import { beginToSpeak } from './words.js'
import { showWrongAddress } from './wrong-address.js'

applyTheme(document.documentElement, browserMemory, rememberedTheme(browserMemory))
defineElements()
customElements.define('title-field', TitleField)
customElements.define('people-here', PeopleHere)
customElements.define('sign-in', SignIn)
defineDesk()
customElements.define('document-page', DocumentPage)

function open(doc: string): void {
  // A new document has an address from now on; no way back leads to nowhere.
  history.replaceState(null, '', pathOf(doc) + location.hash)
  const access = new PageAccess({ signIn, signOut, whoIsSignedIn }, browserMemory)
  void new Visit({ doc, access, memory: browserMemory }).begin(arrivalToken)
}

await beginToSpeak(document.documentElement, browserMemory)
const route = routeOf(location.pathname)
if (route.kind === 'unusable') {
  showWrongAddress(document, { code: 'bad-document-id', message: route.reason })
} else open(route.kind === 'document' ? route.id : newDocumentId(systemRandom))
keepShell(navigator)
