#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'

// How much of a function runs, in bytes of its bytecode, before V8 optimises it: four times its default. A server that
// has just started would use more processor time to compile than to serve those who come back.
setFlagsFromString('--interrupt-budget=500000')

await import('../dist/cli/main.js')
