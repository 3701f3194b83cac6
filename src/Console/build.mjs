// Builds the console into the folder given: fetches its packages when they changed, checks the types, bundles, and
// leaves of each larger file only its Brotli form. Run by the server's build; two builds at once wait for each other.
// Exit code 3: it cannot be built here (old Node, no packages), which only a build server minds.
import { execFileSync, execSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const cannot = 3;
const longestWaitMs = 300_000;
const smallestCompressed = 1024;
const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const out = path.resolve(process.argv[2] ?? path.join(here, '../../artifacts/console'));
const stamp = path.join(out, '.built');
const lock = `${out}.lock`;

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.log(`The console needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(cannot);
}

process.chdir(here);
await alone(async () => {
  const inputs = hash(['package-lock.json', 'package.json', 'tsconfig.json', 'vite.config.ts', 'build.mjs',
    'index.html', ...files('src'), ...files('public')]);
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === inputs) {
    fs.utimesSync(stamp, new Date(), new Date());
    return;
  }
  fetchPackages();
  node('node_modules/typescript/bin/tsc', '--noEmit');
  const fresh = `${out}.${process.pid}`;
  node('node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn', '--emptyOutDir', '--outDir', fresh);
  for (const file of files(fresh)) compress(file);
  fs.writeFileSync(path.join(fresh, '.built'), inputs);
  fs.rmSync(out, { recursive: true, force: true });
  fs.renameSync(fresh, out);
  console.log('The console was built.');
});

function fetchPackages() {
  const wanted = hash(['package-lock.json']);
  const installed = 'node_modules/.installed';
  if (fs.existsSync(installed) && fs.readFileSync(installed, 'utf8') === wanted) return;
  try {
    execSync('npm ci --no-audit --no-fund --loglevel=error', { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const lines = String(error.stderr ?? error).trim().split('\n');
    const reason = lines.find((line) => /request to|not found|ENOENT|E[A-Z]{4,}/.test(line)) ?? lines[0];
    console.log(`The console's packages could not be fetched: ${reason}`);
    process.exitCode = cannot;
    throw error;
  }
  fs.writeFileSync(installed, wanted);
}

function compress(file) {
  const bytes = fs.readFileSync(file);
  if (bytes.length < smallestCompressed || file.endsWith('index.html')) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  fs.writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
  fs.rmSync(file);
}

function node(script, ...args) {
  execFileSync(process.execPath, [script, ...args], { stdio: 'inherit' });
}

function files(folder) {
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function hash(names) {
  const sum = createHash('sha256');
  for (const name of names) sum.update(`${name}\0`).update(fs.readFileSync(name)).update('\0');
  return sum.digest('hex');
}

// The lock is a folder, because making one either succeeds or tells that somebody else did; its owner's id is inside.
async function alone(work) {
  const until = Date.now() + longestWaitMs;
  for (;;) {
    try {
      fs.mkdirSync(path.dirname(lock), { recursive: true });
      fs.mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (Date.now() > until || !ownerLives()) fs.rmSync(lock, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  fs.writeFileSync(path.join(lock, 'owner'), String(process.pid));
  try {
    await work();
  } catch (error) {
    // What went wrong was printed by the tool that failed.
    process.exitCode ||= error.status ?? 1;
    if (error.status === undefined) console.error(error);
  } finally {
    fs.rmSync(lock, { recursive: true, force: true });
  }
}

function ownerLives() {
  const owner = path.join(lock, 'owner');
  // Between making the folder and writing the file its owner is alive.
  if (!fs.existsSync(owner)) return true;
  const id = Number(fs.readFileSync(owner, 'utf8'));
  if (!id) return true;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
