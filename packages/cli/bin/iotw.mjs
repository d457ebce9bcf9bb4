#!/usr/bin/env node
// npm links a command only where its file is there at installation, and dist is built afterwards.
import { existsSync } from 'node:fs';

if (existsSync(new URL('../dist/main.js', import.meta.url))) await import('../dist/main.js');
else {
  process.stderr.write('iotw is not built yet: run `npm run build` in its repository first.\n');
  process.exitCode = 1;
}
