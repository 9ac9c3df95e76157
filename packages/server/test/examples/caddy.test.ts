import { exampleContract } from './example-contract.ts'
import { startCaddy } from './running-example.ts'

exampleContract('caddy', startCaddy)
