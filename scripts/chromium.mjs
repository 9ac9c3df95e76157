/** Brings the browser that the console is tested in: Debian's own, since nothing else may be downloaded. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Installs it where that is possible. @returns false, having said what to do, where it is not */
export function ensureChromium() {
  if (PLACES.some((place) => existsSync(place))) return true
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    console.log('Installing chromium, for the tests of the console (once) …')
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
  }
  if (PLACES.some((place) => existsSync(place))) return true
  console.error('The console is tested in Chromium. Install it: apt-get install chromium')
  return false
}

function run(program, parameters) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync(program, parameters, { stdio: ['ignore', 'ignore', 'inherit'], env })
}
