/**
 * nginx before an API, as a server whose CPU is that of nginx and of what it asks. Parameters: the port
 * of the API, and `alone`, `constant` (it asks a bare server) or `keyfence`.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { announceCpu } from './announce.ts'
import { startBenchmarkNode } from './benchmark-node.ts'

const [, , apiPort = '', kind = 'alone'] = process.argv
const folder = mkdtempSync(join(tmpdir(), 'keyfence-nginx-'))
const port = await freePort()
writeFileSync(join(folder, 'nginx.conf'), configuration(await askedPort()))
const nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'error.log'], {
  stdio: 'inherit',
})
process.once('SIGTERM', () => {
  nginx.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
  process.exit()
})
while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 20))
announceCpu(port, () => {
  const { user, system } = process.cpuUsage()
  return { user: user + nginxCpuUs(), system }
})

/** One process, so that it can be counted; nothing written while it serves. */
function configuration(asked: number | undefined): string {
  const check = `
      location = /_check {
        internal;
        proxy_pass http://asked/check;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header X-Original-Method $request_method;
        proxy_set_header X-Original-URI $request_uri;
        proxy_set_header X-Forwarded-For $remote_addr;
      }`
  return `
daemon off; master_process off; pid nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  keepalive_requests 1000000;
  upstream api { server 127.0.0.1:${apiPort}; keepalive 32; keepalive_requests 1000000; }
  ${asked === undefined ? '' : `upstream asked { server 127.0.0.1:${asked}; keepalive 32; keepalive_requests 1000000; }`}
  server {
    listen 127.0.0.1:${port};
    location / {
      ${asked === undefined ? '' : 'auth_request /_check;'}
      proxy_pass http://api;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
    ${asked === undefined ? '' : check}
  }
}
`
}

/** Where it asks, `undefined` for nobody. */
async function askedPort(): Promise<number | undefined> {
  if (kind === 'alone') return undefined
  if (kind === 'keyfence') {
    const flags = { 'check-profile': ['nginx'], 'trusted-proxies': ['127.0.0.1'] }
    return (await startBenchmarkNode(flags)).dataAddress?.port
  }
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Length': '0' })
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port // it listens on TCP
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port: free } = probe.address() as AddressInfo // it listens on TCP
  await new Promise((resolve) => probe.close(resolve))
  return free
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1', () => {
      probe.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })
}

/** `/proc` counts in hundredths of a second (proc_pid_stat(5)): rounds have to be long. */
function nginxCpuUs(): number {
  const fields = readFileSync(`/proc/${nginx.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}
