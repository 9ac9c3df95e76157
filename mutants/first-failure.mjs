/** One failure is enough to notice a change; looking for its smallest example would take most of the time. */
import * as fc from 'fast-check'

fc.configureGlobal({ endOnFailure: true })
