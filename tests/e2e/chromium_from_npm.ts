// Chromium from npm's @sparticuz/chromium, for machines where none is installed: extracted once into the package's
// own folder, so that a new version is extracted anew. Run as a program it is the child that extracts: the package
// writes to the temporary folder of its process, which therefore has to be a process of its own.

import { inflate } from "@sparticuz/chromium";

/** An extracted browser. `libraries`: the folder for LD_LIBRARY_PATH where the machine lacks what it links to. */
export interface BundledChromium {
  readonly executablePath: string;
  readonly libraries: string;
  readonly env: Readonly<Record<string, string>>;
}

const packageFolder = new URL("..", import.meta.resolve("@sparticuz/chromium")).pathname;
const archives = ["chromium.br", "fonts.tar.br", "swiftshader.tar.br", "al2023.tar.br"] as const;

/** The browser, extracted when this is the first call on this machine. Safe to call from several processes at once. */
export async function bundledChromium(): Promise<BundledChromium> {
  const folder = `${packageFolder}extracted`;
  if (!await exists(folder)) await extractTo(folder);
  return {
    executablePath: `${folder}/chromium`,
    libraries: `${folder}/al2023/lib`,
    env: { FONTCONFIG_FILE: `${folder}/fonts.conf` },
  };
}

// Everybody extracts into a folder of their own; renaming it is atomic, and whoever comes second uses the first's.
async function extractTo(folder: string): Promise<void> {
  const staging = await Deno.makeTempDir({ dir: packageFolder, prefix: "extracting-" });
  try {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", import.meta.filename ?? ""],
      env: { TMPDIR: staging },
      stdout: "null",
      stderr: "piped",
    }).output();
    if (code !== 0) throw new Error(new TextDecoder().decode(stderr).trim());
    await Deno.writeTextFile(`${staging}/fonts.conf`, fontsConfiguration(folder));
    await Deno.rename(staging, folder);
  } catch (error) {
    await Deno.remove(staging, { recursive: true });
    if (await exists(folder)) return;
    throw new Error(`Cannot extract Chromium from npm into ${folder}: ${error}`, { cause: error });
  }
}

function fontsConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

if (import.meta.main) {
  await Promise.all(archives.map((archive) => inflate(`${packageFolder}bin/${archive}`)));
}
