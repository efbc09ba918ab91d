// Bundles the entries into ../static/dist, with the content hash in each name, and writes manifest.json.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const DIST = new URL("../static/dist/", import.meta.url);
const here = (name) => new URL(name, import.meta.url);

function entries() {
  const found = readdirSync(here(".")).filter((name) => /^[a-z]+\.(js|css)$/.test(name));
  return found.map((name) => ({ in: here(name).pathname, out: name.replace(/\.(js|css)$/, "") }));
}

function sprite() {
  const names = readFileSync(here("icons.txt"), "utf8").split(/\s+/).filter(Boolean);
  const symbols = names.map((name) => {
    const svg = readFileSync(here(`node_modules/@tabler/icons/icons/outline/${name}.svg`), "utf8");
    const inner = svg.replace(/<!--[^]*?-->/g, "").replace(/^[^]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s+/g, " ").trim();
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

function hashed(name, text) {
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  return name.replace(/(\.[a-z]+)$/, `-${digest}$1`);
}

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST, { recursive: true });
const result = await build({
  entryPoints: entries(),
  outdir: DIST.pathname,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020", "chrome90", "firefox90", "safari15"],
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".svg": "file", ".woff": "file", ".woff2": "file", ".ttf": "file", ".eot": "file" },
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});
const manifest = {};
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (output.entryPoint) manifest[basename(output.entryPoint)] = basename(path);
}
const icons = sprite();
manifest["icons.svg"] = hashed("icons.svg", icons);
writeFileSync(new URL(manifest["icons.svg"], DIST), icons);
writeFileSync(new URL("manifest.json", DIST), `${JSON.stringify(manifest, null, 2)}\n`);
