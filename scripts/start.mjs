/** `npm start`: everything on embedded parts, with a demo token and curl lines to paste. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureConsole } from './console.mjs'
import { ensureInstalled, ROOT, toolEnvironment } from './install.mjs'

ensureInstalled()
if (!ensureConsole()) process.exit(1)
const demo = spawn(
  'node',
  [join(ROOT, 'packages/server/bin/keyfence.js'), 'demo', ...process.argv.slice(2)],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: toolEnvironment(),
  },
)
// A terminal sends Ctrl-C to both; a process manager to this one alone.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => demo.kill(signal))
demo.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
