/** Which way imports point (CONTRIBUTING.md, "Arrows"). scripts/arrows.test.ts plants a violation. */
const PACKAGES_MAY_IMPORT = { core: [], guard: ['core'], server: ['core'], console: ['core'] }

const oneWay = Object.entries(PACKAGES_MAY_IMPORT).map(([from, to]) => ({
  name: `${from}-imports-what-it-may`,
  severity: 'error',
  // The console's client is typed from the routes of the server, by a script of its build. Tests of
  // the server hold the doors of the guard to the same table as its own.
  from: {
    path: `^packages/${from}/`,
    pathNot: '^packages/(console/scripts|server/(test|simulation))/',
  },
  to: { path: '^packages/', pathNot: `^packages/(${[from, ...to].join('|')})/` },
}))

/** Adapters of the server: each is wired by main.ts or the command line, never by another. */
const ADAPTERS = ['api', 'check', 'proxy', 'store']

const adaptersApart = ADAPTERS.map((adapter) => ({
  name: `${adapter}-is-an-adapter`,
  comment: 'An adapter imports concepts, never another adapter.',
  severity: 'error',
  from: {
    path: `^packages/server/src/(${ADAPTERS.join('|')})/`,
    pathNot: `^packages/server/src/${adapter}/|[.]test[.]ts$|/(running-api|check-fixture)[.]ts$`,
  },
  to: {
    path: `^packages/server/src/${adapter}/`,
    // The ports of the store are no part of its adapters.
    pathNot: '^packages/server/src/store/(store|store-error)[.]ts$',
  },
}))

export default {
  forbidden: [
    ...oneWay,
    ...adaptersApart,
    {
      name: 'core-does-no-io',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: '[.]test[.]ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'guard-needs-no-platform',
      comment: 'Nothing of Node but types, so that it runs in Workers; the snapshot has files.',
      severity: 'error',
      from: {
        path: '^packages/guard/src/',
        pathNot: '^packages/guard/src/snapshot/|[.]test[.]ts$',
      },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'guard-stands-on-core-alone',
      comment: 'A framework is known by its types, in the door that is for it.',
      severity: 'error',
      from: { path: '^packages/guard/src/', pathNot: '[.]test[.]ts$' },
      to: { path: 'node_modules/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'core-stands-on-two-packages',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: '[.]test[.]ts$' },
      to: { path: 'node_modules/', pathNot: 'node_modules/(tldts|tr46|@types/tr46)/' },
    },
    {
      name: 'tldts-in-one-file',
      severity: 'error',
      from: {
        path: '^packages/',
        pathNot: '^packages/core/src/restriction/public-suffix([.]test)?[.]ts$',
      },
      to: { path: 'node_modules/tldts/' },
    },
    {
      name: 'tr46-in-one-file',
      comment: 'The reference decision may use it too: it is nobody’s own code.',
      severity: 'error',
      from: {
        path: '^packages/',
        pathNot: '^packages/core/(src/domain/to-ascii[.]ts|differential/(reference|generators)/)',
      },
      to: { path: 'node_modules/(@types/)?tr46/' },
    },
    {
      name: 'concepts-know-no-adapter',
      comment: 'What the product knows does not depend on how it is served, stored or called.',
      severity: 'error',
      from: {
        path: '^packages/server/src/(access|activity|audit|config|enforcement|fence|fleet|identifier|listener|token)/',
        pathNot: '[.]test[.]ts$',
      },
      to: {
        path: '^packages/server/src/(api|proxy|check|cli|demo|store)/',
        pathNot: '^packages/server/src/store/(store|store-error)[.]ts$',
      },
    },
    {
      name: 'the-reference-is-apart',
      comment: 'The second decision shares no code with the first.',
      severity: 'error',
      from: { path: '^packages/core/differential/(reference|generators)/' },
      to: { path: '^packages/(core|server)/src/' },
    },
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/console/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
}
