import { chromium, type Browser } from 'playwright-core'
import { browserPath } from './installed-browser.js'

/**
 * What a window of Chromium has beside its page and nobody sees here: its address bar is a page of its own, which takes
 * as much as ours to load, for every window.
 */
const ownPages = [
  'PreloadTopChromeWebUI',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'WebUIOmniboxPopup',
]
/** Those that playwright switches off: a second list takes the place of the first. */
const usual = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'BlockOriginHeaderModificationOnRedirect',
  'DestroyProfileOnBrowserClose',
  'DialMediaRouteProvider',
  'GlobalMediaControls',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'Translate',
]

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${[...usual, ...ownPages].join(',')}`,
]

/**
 * Starts a Chromium: the one of `CHROME_PATH`, or one of this machine, or one that is installed for it. One that is
 * built without windows is preferred: what pages see of it is the same, and it takes a third less work.
 *
 * @throws Error naming the ways when there is none
 */
export function launchChromium(): Promise<Browser> {
  const executablePath = browserPath({
    name: 'Chromium',
    variable: 'CHROME_PATH',
    usual: [
      '/usr/bin/chromium-headless-shell',
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
      '/usr/bin/google-chrome-stable',
      '/snap/bin/chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    programs: ['chromium-headless-shell', 'chromium', 'google-chrome'],
    aptPackages: ['chromium-headless-shell', 'chromium'],
    downloaded: chromium.executablePath(),
    otherWay: 'run: npx playwright-core install chromium',
  })
  return chromium.launch({ executablePath, args })
}
