/** `keyfence/client`: the management API for programs in TypeScript and JavaScript. */
export { createClient } from './client.ts'
export type { KeyfenceClient, KeyfenceClientOptions } from './client.ts'
export { ManagementProblem } from './management-problem.ts'
export type { SingleProblem } from './management-problem.ts'
export type { components, paths } from './schema.d.ts'
