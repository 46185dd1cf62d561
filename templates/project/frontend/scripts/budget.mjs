/** What each page loads before it works, compressed as a server sends it: `npm run build && npm run budget`. */

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 200; // kB of 1000 bytes
const BUILT = ".next/diagnostics/route-bundle-stats.json"; // Next.js writes it; lazy parts are not in it

const sizes = new Map();

const routes = JSON.parse(readFileSync(BUILT, "utf8"))
  .map(({ route, firstLoadChunkPaths }) => ({ route, kilobytes: weigh(firstLoadChunkPaths) }))
  .sort((one, other) => one.route.localeCompare(other.route));

const width = Math.max(...routes.map(({ route }) => route.length));
for (const { route, kilobytes } of routes) {
  const verdict = kilobytes > LIMIT ? `  over ${LIMIT} kB` : "";
  console.log(`${route.padEnd(width)} ${kilobytes.toFixed(1).padStart(7)} kB${verdict}`);
}
process.exitCode = routes.some(({ kilobytes }) => kilobytes > LIMIT) ? 1 : 0;

function weigh(files) {
  return files.reduce((sum, file) => sum + compressed(file), 0) / 1000;
}

/** By zlib's default level, which `next start` has as well. */
function compressed(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(file)).length);
  return sizes.get(file);
}
