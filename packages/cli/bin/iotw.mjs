#!/usr/bin/env node
// npm links a command only where its file is there at installation, and dist is built afterwards.
import '../dist/main.js';
