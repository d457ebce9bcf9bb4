// The import rules of the house: which package stands on which. Every rule's comment says what to
// do instead. Run by `npm run tidy`; tools/test/imports.test.ts breaks each rule once.

const TEST = '[.](test|bench)[.]tsx?$|/conformance[.]ts$|/test-[a-z-]+[.]ts$';
const PURE = '^packages/(kernel|protocol|ledger|assignment|nodes)/src/';
const CRYPTO = '^packages/kernel/src/crypto/';

/** What each package may import, beside itself. A package that is no key here may import anything. */
const STANDS_ON = {
  kernel: [],
  protocol: ['kernel'],
  ledger: ['kernel', 'protocol', 'assignment'],
  assignment: ['kernel', 'protocol'],
  nodes: ['kernel', 'protocol', 'ledger', 'assignment'],
  simulator: ['kernel', 'protocol', 'ledger', 'assignment', 'nodes'],
  adapters: ['kernel', 'protocol', 'ledger', 'assignment', 'nodes'],
  'micro-miner': ['kernel', 'protocol', 'nodes'],
  sdk: ['kernel', 'protocol', 'assignment'],
  web: ['kernel', 'protocol', 'assignment', 'nodes', 'micro-miner', 'sdk'],
  api: ['kernel', 'protocol', 'ledger', 'assignment', 'nodes', 'adapters'],
  runtime: ['kernel', 'protocol', 'ledger', 'assignment', 'nodes', 'adapters', 'api'],
};

/** Why, and what to do instead, where the table above says no. */
const INSTEAD = {
  kernel:
    'the kernel is the bottom: move what you need down into kernel, or define a port in kernel/src/ports',
  protocol:
    'protocol knows messages only: pass the value in, or move the rule up to ledger, assignment or nodes',
  ledger: 'the ledger is handed what others compute: take it as an argument of the operation',
  assignment: 'assignment is pure arithmetic over a snapshot: take the ledger values as arguments',
  nodes:
    'machines have no I/O: return an effect and let adapters carry it out, or define a port in kernel/src/ports',
  simulator: 'the simulator runs the same machines: simulate the port, never an adapter',
  adapters: 'an adapter serves a port: what needs several adapters is wired in runtime',
  'micro-miner': 'the micro miner runs on a device: it knows messages and the device machine only',
  sdk: 'the sdk runs in a browser: verify from public data with protocol and assignment',
  web: 'the app runs in a browser and talks through the sdk: take from public data, never from a node',
  api: 'the API server reads through ports handed to it: wire machines and fleets in runtime and cli',
  runtime: 'the runtime is one process of a network: commands and whole networks are wired in cli',
};

/** Packages whose tests may import what stands above: the other end of the wire they speak on. */
const TESTED_AGAINST_ALL = ['micro-miner', 'sdk'];
const TEST_SUPPORT = '/test-[^/]+[.]ts$';

const order = Object.entries(STANDS_ON).map(([name, below]) => ({
  name: `order-${name}`,
  comment: `${name} imports only [${below.join(', ')}]; ${INSTEAD[name]}.`,
  severity: 'error',
  from: {
    path: `^packages/${name}/`,
    ...(TESTED_AGAINST_ALL.includes(name) ? { pathNot: [TEST, TEST_SUPPORT] } : {}),
  },
  to: { path: '^(packages|bench|tools|examples)/', pathNot: `^packages/(${[name, ...below].join('|')})/` },
}));

export default {
  forbidden: [
    ...order,
    {
      name: 'no-cycle',
      comment:
        'Modules that import each other are one module: move what both need into a third file below them.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'pure-core-no-node',
      comment:
        'kernel to nodes import no node:*: take time, randomness, storage and sockets as ports (kernel/src/ports); native crypto is wrapped in kernel/src/crypto.',
      severity: 'error',
      from: { path: PURE, pathNot: [TEST, CRYPTO] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sdk-no-node',
      comment: 'The sdk runs in a browser: use WebCrypto and fetch, or take the value as an argument.',
      severity: 'error',
      from: { path: '^packages/sdk/src/', pathNot: [TEST, TEST_SUPPORT] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'native-crypto-in-kernel',
      comment:
        'One library decides validity everywhere: import the wrapper in kernel/src/crypto instead of the library.',
      severity: 'error',
      from: { path: '^packages/', pathNot: [TEST, CRYPTO] },
      to: { path: 'node_modules/(sodium-native|libsodium-wrappers-sumo|@chainsafe/hashtree)/' },
    },
    {
      name: 'adapters-apart',
      comment:
        'Adapters do not import each other: define a port in kernel/src/ports and have cli hand one adapter to the other; only failpoints, buffers and certificates, which are no adapters, are open to all.',
      severity: 'error',
      from: { path: '^packages/adapters/src/([^/]+)/', pathNot: TEST },
      to: {
        path: '^packages/adapters/src/',
        pathNot: '^packages/adapters/src/($1|failpoints|buffers|certificates)/',
      },
    },
    {
      name: 'no-test-in-product',
      comment: 'Product code does not import tests: move what both need into a file of its own.',
      severity: 'error',
      from: { path: '^packages/', pathNot: TEST },
      to: { path: '[.]test[.]ts$' },
    },
    {
      name: 'no-dev-dependency-in-product',
      comment:
        'Product code runs without devDependencies: add the package to "dependencies" of this workspace.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-stands-on-tools',
      comment: 'bench, tools and examples are leaves: move what packages need into a package.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(bench|tools|examples)/' },
    },
    {
      name: 'examples-stand-alone',
      comment: 'An example shows what spec/ alone allows: use only an MQTT client and a crypto library.',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(packages|bench|tools)/' },
    },
    {
      name: 'resolvable',
      comment:
        'The import does not resolve: relative imports end in .js, other packages are @iotw/<package>/<file>.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(packages/[^/]+|bench)/dist/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json', '.node'],
    },
  },
};
