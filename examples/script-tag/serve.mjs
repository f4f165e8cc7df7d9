// Serves the two files of this folder under the strictest policy that the editor works with. A real site needs none
// of this: any web server will do, and a policy that names the Coscribe server.
// Another server or port: npm start -- http://127.0.0.1:1234 8080
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import process from 'node:process'

const usual = 'http://127.0.0.1:1234'
const [coscribe = usual, port = '8080'] = process.argv.slice(2)
const policy = [
  "default-src 'none'",
  `script-src ${coscribe}`,
  `connect-src ${coscribe.replace('http', 'ws')}`,
  "style-src 'self'",
  "img-src 'self'",
].join('; ')

const files = {
  '/': { type: 'text/html', text: read('index.html').replaceAll(usual, coscribe) },
  '/style.css': { type: 'text/css', text: read('style.css') },
}

function read(name) {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}

const server = createServer(({ url }, response) => {
  const file = Object.hasOwn(files, url) ? files[url] : undefined
  if (file === undefined) {
    response.writeHead(url === '/favicon.ico' ? 204 : 404).end()
    return
  }
  response.writeHead(200, {
    'Content-Type': `${file.type}; charset=utf-8`,
    'Content-Security-Policy': policy,
  })
  response.end(file.text)
})

server.listen(Number(port), '127.0.0.1', () => {
  console.log(`open http://127.0.0.1:${server.address().port} in two windows; Ctrl-C ends`)
})

process.once('SIGINT', () => {
  server.close()
  server.closeAllConnections()
})
