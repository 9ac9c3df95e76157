import { exampleContract } from './example-contract.ts'
import { startNginx } from './running-example.ts'

exampleContract('nginx', startNginx)
