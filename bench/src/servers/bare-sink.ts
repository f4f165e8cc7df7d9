/** Takes whatever is sent, as fast as it comes, and does nothing with it: somebody else's server, for a flood. */
import { createServer } from 'node:net'
import { announce } from './announce.js'

announce(
  createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
      socket.resume()
    })
  }),
)
