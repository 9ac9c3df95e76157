import { writeFile } from 'node:fs/promises'
import openapiTypescript, { astToString, type OpenAPI3 } from 'openapi-typescript'
import type { ApiContext } from '../../server/src/api/api-context.ts'
import { managementApi, portalApi } from '../../server/src/api/management-api.ts'

/** Writes the types of the console's client, made from the routes of the server: nothing is asked. */
const OUTPUT = new URL('../src/api/schema.d.ts', import.meta.url)

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
// `as`: two libraries' types of the same document.
const types = await openapiTypescript(document as unknown as OpenAPI3, {
  defaultNonNullable: false,
})
await writeFile(OUTPUT, astToString(types))
