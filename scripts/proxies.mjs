/** Brings the proxies whose examples are run: Debian's own packages, and openssl for a certificate. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'

const PROGRAMS = {
  nginx: '/usr/sbin/nginx',
  caddy: '/usr/bin/caddy',
  haproxy: '/usr/sbin/haproxy',
  openssl: '/usr/bin/openssl',
}

/** What Debian's packages ask before they start what they bring. */
const START_POLICY = '/usr/sbin/policy-rc.d'

/** Installs what is missing, where that is possible. @returns false, having said what to do, where it is not */
export function ensureProxies() {
  if (missing().length === 0) return true
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    console.log(`Installing ${missing().join(', ')}, for the tests of the examples (once) …`)
    startingNothing(() => {
      run('apt-get', ['update', '-qq'])
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing()])
    })
  }
  if (missing().length === 0) return true
  console.error(`The examples are run. Install them: apt-get install ${missing().join(' ')}`)
  return false
}

function missing() {
  return Object.keys(PROGRAMS).filter((name) => !existsSync(PROGRAMS[name]))
}

/** Debian starts a server with its package: ports 80 and 443 of this machine are none of ours. */
function startingNothing(install) {
  if (existsSync(START_POLICY)) {
    install()
    return
  }
  writeFileSync(START_POLICY, '#!/bin/sh\nexit 101\n')
  chmodSync(START_POLICY, 0o755)
  try {
    install()
  } finally {
    rmSync(START_POLICY)
  }
}

function run(program, parameters) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync(program, parameters, { stdio: ['ignore', 'ignore', 'inherit'], env })
}
