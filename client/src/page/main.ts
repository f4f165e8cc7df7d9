import { arrivalToken } from './arrival.js'
import { keepShell } from './keep-shell.js'
import { browserMemory, onRemembered } from './memory.js'
import { PageAccess } from './page-access.js'
import { Pages } from './pages.js'
import { signIn, signOut, whoIsSignedIn } from './session-routes.js'
import { SignIn } from './sign-in.js'
import { applyTheme, rememberedTheme } from './theme-choice.js'
import { beginToSpeak, followChoice } from './words.js'

applyTheme(document.documentElement, browserMemory, rememberedTheme(browserMemory))
customElements.define('sign-in', SignIn)

void begin()

/** A module that waits makes a bundler keep the order of all, in twice as many files; a function may. */
async function begin(): Promise<void> {
  await beginToSpeak(document.documentElement, browserMemory)
  onRemembered(window, () => void followChoice(document.documentElement, browserMemory))
  const access = new PageAccess({ signIn, signOut, whoIsSignedIn }, browserMemory)
  void new Pages({ access, memory: browserMemory }).begin(arrivalToken)
  keepShell(navigator)
}
