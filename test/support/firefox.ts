import { firefox, type Browser } from 'playwright-core'
import { browserPath } from './installed-browser.js'

/** It starts slowly the first time on a machine that does other things. */
const START_MS = 170_000

/**
 * Starts a Firefox as its users have it, driven by WebDriver BiDi: the one of `FIREFOX_PATH`, or one of this machine, or
 * one that is installed for it.
 *
 * @throws Error naming the ways when there is none
 */
export function launchFirefox(): Promise<Browser> {
  const executablePath = browserPath({
    name: 'Firefox',
    variable: 'FIREFOX_PATH',
    usual: [
      '/usr/bin/firefox-esr',
      '/usr/bin/firefox',
      '/Applications/Firefox.app/Contents/MacOS/firefox',
    ],
    programs: ['firefox-esr', 'firefox'],
    aptPackages: ['firefox-esr'],
    otherWay: 'download one from its maker',
  })
  return firefox.launch({
    channel: 'moz-firefox',
    executablePath,
    timeout: START_MS,
    // A process for each tab also of one site, so that one can be stopped and the other goes on.
    firefoxUserPrefs: { 'dom.ipc.processCount.webIsolated': 4 },
  })
}
