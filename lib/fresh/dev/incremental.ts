/**
 * esbuild for someone who asks for the same again and again: what has not changed is not read and parsed again.
 */
import { type BuildContext, type BuildOptions, type BuildResult, context } from "esbuild";

/** How a bundle is made: esbuild's `build`, or what stands for it. */
export type Bundler = <Options extends BuildOptions>(options: Options) => Promise<BuildResult<Options>>;

/** Bundles one thing, many times. */
export class Incremental {
  #asked = "";
  #context: BuildContext | null = null;

  /** Like esbuild's `build`. Plugins are those of the first time, as long as nothing else differs. */
  readonly build: Bundler = async <Options extends BuildOptions>(options: Options) => {
    const asked = JSON.stringify(options);
    if (this.#context === null || asked !== this.#asked) {
      await this.close();
      this.#context = await context<BuildOptions>(options);
      this.#asked = asked;
    }
    // It was made with these options.
    return await this.#context.rebuild() as BuildResult<Options>;
  };

  /** Forgets everything. */
  async close(): Promise<void> {
    await this.#context?.dispose();
    this.#context = null;
  }
}
