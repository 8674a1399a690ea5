// The browser of the end-to-end tests: CHROME_PATH, an installed Chromium, or the one from npm, extracted once.
// It knows how to find and start one; what a test does with it is the test's matter. Where there is none it throws:
// a test without its browser has failed, not passed.

import { type Browser, chromium } from "playwright-core";
import { bundledChromium } from "./chromium_from_npm.ts";

/** A browser that was seen to start: its program, and the variables that it needs beside this process's own. */
export interface FoundBrowser {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where to look; by default the environment of this process. */
export interface Lookup {
  /** The browser that must be used, when set. */
  readonly chromePath: string | undefined;
  /** Folders to look into, as in `PATH`. */
  readonly searchPath: string;
}

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"] as const;

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
] as const;

/** Starts the browser. Close it with its `close()`. */
export async function launchBrowser(browser?: FoundBrowser): Promise<Browser> {
  const { executablePath, env } = browser ?? await findBrowser();
  return await chromium.launch({
    executablePath,
    env: { ...Deno.env.toObject(), ...env },
    args: [...flags],
  });
}

/**
 * Finds a browser that starts.
 * @throws {Error} when `CHROME_PATH` names none, or when not even the one from npm starts.
 */
export async function findBrowser(lookup: Lookup = fromEnvironment()): Promise<FoundBrowser> {
  if (lookup.chromePath !== undefined) {
    const problem = await whyItDoesNotStart(lookup.chromePath);
    if (problem === null) return { executablePath: lookup.chromePath, env: {} };
    throw new Error(
      `Cannot use CHROME_PATH=${lookup.chromePath}: ${problem}. Unset it, or name a Chromium that starts.`,
    );
  }
  for (const folder of lookup.searchPath.split(":").filter((part) => part !== "")) {
    for (const name of names) {
      const executablePath = `${folder}/${name}`;
      if (await whyItDoesNotStart(executablePath) === null) return { executablePath, env: {} };
    }
  }
  return await npmBrowser();
}

async function npmBrowser(): Promise<FoundBrowser> {
  const { executablePath, env, libraries } = await bundledChromium();
  const problem = await whyItDoesNotStart(executablePath, env);
  if (problem === null) return { executablePath, env };
  const inherited = Deno.env.get("LD_LIBRARY_PATH");
  const withLibraries = {
    ...env,
    LD_LIBRARY_PATH: inherited === undefined ? libraries : `${libraries}:${inherited}`,
  };
  const secondProblem = await whyItDoesNotStart(executablePath, withLibraries);
  if (secondProblem === null) return { executablePath, env: withLibraries };
  throw new Error(
    `Cannot find a browser: none is installed, and the one from npm does not start (${secondProblem}). ` +
      "Install Chromium, or set CHROME_PATH.",
  );
}

async function whyItDoesNotStart(
  program: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string | null> {
  try {
    const { code, stderr } = await new Deno.Command(program, {
      args: ["--version", "--no-sandbox"],
      env: { ...env },
      stdout: "null",
      stderr: "piped",
    }).output();
    if (code === 0) return null;
    return `it ends with ${code}: ${new TextDecoder().decode(stderr).trim()}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function fromEnvironment(): Lookup {
  return { chromePath: Deno.env.get("CHROME_PATH") || undefined, searchPath: Deno.env.get("PATH") ?? "" };
}

if (import.meta.main) console.log((await findBrowser()).executablePath);
