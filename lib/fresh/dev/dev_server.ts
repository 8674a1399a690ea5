/**
 * Serves a project while someone works on it: builds again when a file of it changes, in the same process, and tells the
 * pages that are open.
 */
import { pathToFileURL } from "node:url";
import { type App, attach, type ListenOptions } from "../app.ts";
import { type Asset, type Build, memoryBuild } from "../assets.ts";
import { bundle } from "./bundle.ts";
import { crawl, filesBelow } from "./crawl.ts";
import { describe, devScript, EVENTS_PATH, explanation, SCRIPT_PATH } from "./explain.ts";
import { writeManifest } from "./generate.ts";
import { Incremental } from "./incremental.ts";
import { loadManifest, PAGE_FOLDERS } from "./server_bundle.ts";
import { assetOf, bundleAssets } from "./write.ts";

/** What a development server needs to know. */
export interface DevOptions {
  readonly root: string;
  readonly outDir: string;
  readonly target: readonly string[];
}

type Handler = (request: Request, info: Deno.ServeHandlerInfo) => Promise<Response>;

/** Editors write a file in several steps: what follows within this time is one change. */
const SETTLE_MS = 10;

/** Serves `load`'s application, and builds again whenever a file changes. Resolves once it listens. */
export async function serveDevelopment<State>(
  { root, outDir, target }: DevOptions,
  load: () => Promise<App<State>>,
  { signal, onListen = announce, ...options }: ListenOptions,
): Promise<void> {
  const listeners = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const folder = `${outDir}/dev`;
  const forBrowsers = new Incremental();
  const forServer = new Incremental();
  let problem: unknown = null;
  let version = crypto.randomUUID();
  let handle: Handler = () => Promise.reject(new Error("Nothing has been built yet."));
  let inputs: readonly string[] = [];

  await writeManifest(root, await crawl(root));
  const app = await load();
  const { basePath } = app.config;
  const script = assetOf("dev.js", new TextEncoder().encode(devScript(basePath)), false);

  const rebuild = async (): Promise<void> => {
    const startMs = performance.now();
    try {
      const sources = await crawl(root);
      await writeManifest(root, sources);
      const { islands } = sources;
      const options = { root, islands, pages: [], mode: "development", target, hashes: {} } as const;
      const [bundled, manifest] = await Promise.all([
        bundle({ ...options, bundler: forBrowsers.build }),
        loadManifest(root, folder, sources, forServer.build),
      ]);
      inputs = bundled.inputs;
      const assets = new Map(bundleAssets(bundled)).set(SCRIPT_PATH, script);
      const built = memoryBuild("development", bundled, assets);
      const build: Build = {
        ...built,
        hashes: {},
        asset: async (pathname) => await built.asset(pathname) ?? await staticFile(root, pathname),
        explain: (error) => explanation(error, problem, root, basePath),
      };
      attach(app, { manifest, build }, pathToFileURL(root).href);
      handle = app.handler();
      problem = null;
      console.error(`Built in ${Math.round(performance.now() - startMs)} ms.`);
    } catch (error) {
      problem = error;
      console.error(describe(error, root));
    }
    version = crypto.randomUUID();
    for (const listener of listeners) listener.enqueue(message(version));
  };

  await rebuild();
  if (problem !== null) {
    handle = () => Promise.resolve(problemPage(explanation(null, problem, root, basePath)));
  }

  const server = Deno.serve(
    { hostname: "127.0.0.1", ...options, onListen },
    (request, info) => {
      const { pathname } = new URL(request.url);
      if (pathname === basePath + EVENTS_PATH) return events(listeners, version);
      // Answered even where an application does not serve static files, or failed to build.
      if (pathname === basePath + SCRIPT_PATH) {
        return new Response(script.body, {
          headers: { "Content-Type": script.type },
        });
      }
      return handle(request, info);
    },
  );
  const watcher = watch(root, () => inputs, rebuild);
  signal?.addEventListener("abort", () => {
    watcher.close();
    forBrowsers.close();
    forServer.close();
    for (const listener of listeners) listener.close();
    server.shutdown();
  });
}

/** Calls `changed` after files of the project changed, one call at a time. */
function watch(
  root: string,
  inputs: () => readonly string[],
  changed: () => Promise<void>,
): { close(): void } {
  const folders = [...PAGE_FOLDERS, "static"].map((name) => `${root}/${name}`);
  const others = new Set(inputs().map((path) => path.slice(0, path.lastIndexOf("/"))));
  const paths = [...folders, ...others].filter(exists);
  const watcher = Deno.watchFs(paths);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let working: Promise<void> = Promise.resolve();
  (async () => {
    for await (const { kind } of watcher) {
      if (kind === "access") continue;
      clearTimeout(timer);
      timer = setTimeout(() => working = working.then(changed), SETTLE_MS);
    }
    clearTimeout(timer);
  })();
  return watcher;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Files of `static/` are read when they are asked for; only names that the folder lists can be. */
async function staticFile(root: string, pathname: string): Promise<Asset | null> {
  const name = pathname.slice(1);
  if (!(await filesBelow(`${root}/static`)).includes(name)) return null;
  return assetOf(name, await Deno.readFile(`${root}/static/${name}`), false);
}

function problemPage(markup: string): Response {
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  return new Response(`<!DOCTYPE html><title>Cannot be built</title>${markup}`, { status: 500, headers });
}

/** A stream of events that says the current version, and every later one. */
function events(listeners: Set<ReadableStreamDefaultController<Uint8Array>>, version: string): Response {
  let listener: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      listeners.add(listener = controller);
      controller.enqueue(message(version));
    },
    cancel() {
      listeners.delete(listener);
    },
  });
  return new Response(stream, {
    headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store" },
  });
}

function message(data: string): Uint8Array {
  return new TextEncoder().encode(`data: ${data}\n\n`);
}

function announce({ hostname, port }: { readonly hostname: string; readonly port: number }): void {
  console.log(`http://${hostname}:${port}`);
}
