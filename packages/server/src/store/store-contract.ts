import { afterEach, beforeEach, describe } from 'vitest'
import { answerContract, auditContract, keyContract } from './contract/access.ts'
import { attentionContract } from './contract/attention.ts'
import {
  countContract,
  lastUseContract,
  oldCountContract,
  seenContract,
} from './contract/activity.ts'
import type { ContractAt, ContractStore } from './contract/contract-store.ts'
import { hourContract, refusedHourContract } from './contract/hours.ts'
import { reopenContract, transactionContract } from './contract/durability.ts'
import { changeContract, damageContract, feedContract, orderContract } from './contract/feed.ts'
import { leaseContract, nodeContract } from './contract/nodes.ts'
import { administratorContract, linkContract, sessionContract } from './contract/people.ts'
import { portalContract } from './contract/portal.ts'
import {
  listContract,
  revocationContract,
  secretContract,
  tokenContract,
} from './contract/tokens.ts'
import { refusalContract, refusalLimitContract, refusalListContract } from './contract/refusals.ts'
import type { Store } from './store.ts'

/** What every store does, whatever its engine. */
export function storeContract(name: string, open: () => Promise<ContractStore>): void {
  describe(`store contract: ${name}`, () => {
    let opened: ContractStore
    let store: Store
    beforeEach(async () => {
      opened = await open()
      store = opened.store
    })
    afterEach(async () => {
      await store.close()
      await opened.dispose()
    })
    const at: ContractAt = {
      store: () => store,
      opened: () => opened,
      reopen: async () => {
        await store.close()
        store = await opened.reopen()
      },
    }
    tokenContract(at)
    listContract(at)
    attentionContract(at)
    secretContract(at)
    revocationContract(at)
    keyContract(at)
    administratorContract(at)
    sessionContract(at)
    linkContract(at)
    portalContract(at)
    auditContract(at)
    answerContract(at)
    refusalContract(at)
    refusalListContract(at)
    refusalLimitContract(at)
    countContract(at)
    hourContract(at)
    refusedHourContract(at)
    oldCountContract(at)
    seenContract(at)
    lastUseContract(at)
    transactionContract(at)
    feedContract(at)
    changeContract(at)
    orderContract(at)
    damageContract(at)
    nodeContract(at)
    leaseContract(at)
    reopenContract(at)
  })
}
