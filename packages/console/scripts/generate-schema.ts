import { writeFile } from 'node:fs/promises'
import openapiTypescript, { astToString, type OpenAPI3 } from 'openapi-typescript'
import type { ApiContext } from '../../server/src/api/api-context.ts'
import { managementApi, portalApi } from '../../server/src/api/management-api.ts'

/**
 * Writes the types of two clients, made from the routes of the server: nothing is asked. The console is
 * served at both listeners; `keyfence/client` is for programs, at the management listener.
 */
const OF_CONSOLE = new URL('../src/api/schema.d.ts', import.meta.url)
const OF_CLIENT = new URL('../../server/src/client/schema.d.ts', import.meta.url)

// `as`: routes are only described, and for that nothing is asked of the context but this.
const context = { metrics: { registerMetric: () => {} } } as unknown as ApiContext
const about = {
  openapi: '3.1.0',
  info: { title: 'Keyfence management API', version: '0' },
} as const
const described = managementApi(context).getOpenAPI31Document(about)
// The owner portal has the same routes, and sessions of its own under the same paths.
const atPortal = portalApi(context, { url: '', frameHosts: [] }).getOpenAPI31Document(about)
const document = {
  ...described,
  components: {
    ...described.components,
    schemas: { ...atPortal.components?.schemas, ...described.components?.schemas },
  },
}
await writeTypes(OF_CONSOLE, document)
await writeTypes(OF_CLIENT, described)

async function writeTypes(file: URL, of: typeof described): Promise<void> {
  // `as`: two libraries' types of the same document.
  const types = await openapiTypescript(of as unknown as OpenAPI3, { defaultNonNullable: false })
  await writeFile(file, astToString(types))
}
