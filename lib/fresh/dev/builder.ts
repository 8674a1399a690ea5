/**
 * Builds a project for production, for a test, or again and again while someone works on it.
 */
import { stop } from "esbuild";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type App, attach, type ListenOptions } from "../app.ts";
import { type Build, memoryBuild } from "../assets.ts";
import type { Manifest } from "../files.ts";
import { onTransformStaticFile } from "../left_out.ts";
import { bundle } from "./bundle.ts";
import { crawl, type Source, type Sources } from "./crawl.ts";
import { serveDevelopment } from "./dev_server.ts";
import { writeManifest } from "./generate.ts";
import { Kept } from "./kept.ts";
import { islandsOfPages } from "./pages.ts";
import { bundleAssets, staticAssets, writeBuild } from "./write.ts";

/** Settings of a build. */
export interface BuildOptions {
  /** The project's folder; the current one by default. */
  readonly root?: string;
  /** Where the build goes, below `root`; `_fresh` by default. */
  readonly outDir?: string;
  /** The browsers that islands shall run in, as esbuild names them. */
  readonly target?: string | readonly string[];
}

/** Builds the project in a folder. */
export class Builder {
  readonly #root: string;
  readonly #outDir: string;
  readonly #target: readonly string[];

  /** Not here; throws, saying so. */
  readonly onTransformStaticFile: (...args: never[]) => never = onTransformStaticFile;

  /** Reads nothing yet. */
  constructor(
    { root = ".", outDir = "_fresh", target = ["chrome99", "firefox99", "safari15"] }: BuildOptions = {},
  ) {
    this.#root = resolve(root);
    this.#outDir = resolve(this.#root, outDir);
    this.#target = typeof target === "string" ? [target] : target;
  }

  /**
   * Writes `fresh.gen.ts` and the build; with `snapshot: "memory"`, writes nothing. Returns what attaches the build to an
   * application, as tests need it.
   *
   * @throws {Error} when islands cannot be bundled, with the reason and the place.
   */
  async build(
    options: { mode?: "development" | "production"; snapshot?: "disk" | "memory" } = {},
  ): Promise<<State>(app: App<State>) => void> {
    const { mode = "production", snapshot = "disk" } = options;
    const sources = await crawl(this.#root);
    if (snapshot === "disk") await writeManifest(this.#root, sources);
    const assets = await staticAssets(this.#root);
    const hashes = Object.fromEntries([...assets].map(([path, { hash }]) => [path, hash]));
    const kept = snapshot === "disk" ? new Kept(`${this.#outDir}/kept`) : undefined;
    const bundled = await bundle({
      root: this.#root,
      islands: sources.islands,
      pages: await islandsOfPages(this.#root, sources),
      mode,
      target: this.#target,
      hashes,
      ...kept && { kept },
    });
    for (const [path, asset] of bundleAssets(bundled)) assets.set(path, asset);
    if (kept !== undefined) {
      // Its service would keep the process alive.
      await stop();
      await writeBuild(this.#outDir, bundled, assets, kept);
      await kept.forgetOthers();
      // An application that nothing is attached to reads the build from there by itself.
      return () => {};
    }
    const manifest = await this.#load(sources);
    const build: Build = memoryBuild(mode, bundled, assets);
    return (app) => attach(app, { manifest, build }, pathToFileURL(this.#root).href);
  }

  /**
   * Serves the application that `load` imports, on loopback unless told otherwise, and builds again whenever a file changes.
   * Resolves once it listens; `options.signal` ends it.
   */
  async listen<State>(
    load: () => Promise<{ app: App<State> } | App<State>>,
    options: ListenOptions = {},
  ): Promise<void> {
    const where = { root: this.#root, outDir: this.#outDir, target: this.#target };
    await serveDevelopment(where, async () => {
      const loaded = await load();
      return "app" in loaded ? loaded.app : loaded;
    }, options);
  }

  async #load({ routes, islands }: Sources): Promise<Manifest> {
    const load = async ({ path }: Source): Promise<Record<string, unknown>> =>
      await import(pathToFileURL(resolve(this.#root, path)).href);
    return {
      routes: await Promise.all(
        routes.map(async (source) => ({ id: source.name, module: await load(source) })),
      ),
      islands: await Promise.all(
        islands.map(async (source) => ({ name: source.name, module: await load(source) })),
      ),
    };
  }
}
