/** The page at /: what this node is and where everything else stands. No third party, no inline script. */

export const START_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>IOTW node</title>
<link rel="stylesheet" href="/start.css">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<script src="/start.js" defer></script>
</head>
<body>
<main>
<h1>IOTW node</h1>
<p id="network">Connecting&hellip;</p>
<dl aria-live="off">
<div><dt>Round</dt><dd id="round">&ndash;</dd></div>
<div><dt>Epoch</dt><dd id="epoch">&ndash;</dd></div>
<div><dt>Transactions per second</dt><dd id="rate">&ndash;</dd></div>
<div><dt>Devices connected</dt><dd id="devices">&ndash;</dd></div>
<div><dt>Accounts</dt><dd id="accounts">&ndash;</dd></div>
<div><dt>Index behind, rounds</dt><dd id="lag">&ndash;</dd></div>
</dl>
<nav aria-label="Links">
<ul>
<li><a href="/docs">API reference</a></li>
<li><a href="/v1/status">Status</a></li>
<li><a href="/v1/network">Network</a></li>
<li><a href="/v1/rounds">Rounds</a></li>
<li><a href="/v1/devices">Devices</a></li>
<li><a href="/metrics">Metrics</a></li>
</ul>
</nav>
<noscript><p>Numbers come with JavaScript; every link works without it.</p></noscript>
</main>
</body>
</html>
`;

/** Four witnesses around a block. */
export const START_ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="#2b6cb0">
<rect x="5" y="5" width="6" height="6"/><circle cx="8" cy="2" r="1.5"/><circle cx="8" cy="14" r="1.5"/>
<circle cx="2" cy="8" r="1.5"/><circle cx="14" cy="8" r="1.5"/>
</svg>
`;

export const START_STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;padding:2rem 1rem}
main{max-width:44rem;margin:auto}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(12rem,1fr));gap:1rem;margin:2rem 0}
dt{opacity:.75;font-size:.875rem}
dd{margin:0;font-size:1.5rem;font-variant-numeric:tabular-nums}
ul{padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:1rem}
a{color:LinkText}
`;

export const START_SCRIPT = `'use strict';
const show = (id, value) => { document.getElementById(id).textContent = value; };
const count = new Intl.NumberFormat('en');
let due = false;
async function refresh() {
  due = false;
  const status = await (await fetch('/v1/status')).json();
  show('round', count.format(status.round));
  show('epoch', count.format(status.epoch));
  show('rate', count.format(status.transactionsPerSecond));
  show('devices', count.format(status.devicesConnected));
  show('accounts', count.format(status.accounts));
  show('lag', count.format(status.index.lagRounds));
}
// At most one look per second, and only when something happened.
function wake() {
  if (due) return;
  due = true;
  setTimeout(() => refresh().catch(() => show('network', 'The node does not answer.')), 1000);
}
fetch('/v1/network').then((answer) => answer.json()).then((network) => {
  show('network', network.name + ', network ' + network.network.slice(0, 16));
}).catch(() => show('network', 'The node does not answer.'));
refresh().catch(() => {});
const events = new EventSource('/v1/events');
events.addEventListener('round', wake);
events.addEventListener('epoch', wake);
`;
