/**
 * A small project in a folder of its own, for tests that change its files or run it as another process.
 */
import { fileURLToPath } from "node:url";

const home = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

const files: Readonly<Record<string, string>> = {
  "routes/_app.tsx": `
export default function Wrapper({ Component }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <link rel="icon" href="data:," />
        <title>Project</title>
      </head>
      <body>
        <Component />
      </body>
    </html>
  );
}
`,
  "routes/index.tsx": `
import Counter from "../islands/Counter.tsx";

export default function Page() {
  return (
    <main>
      <h1>first text</h1>
      <Counter />
    </main>
  );
}
`,
  "islands/Counter.tsx": `
import { useSignal } from "@preact/signals";

export default function Counter() {
  const count = useSignal(0);
  return <button type="button" onClick={() => count.value++}>count {count}</button>;
}
`,
  "static/style.css": `${"main { color: black }\n".repeat(50)}`,
  "main.ts": `
import { App, staticFiles } from "fresh";

export const app = new App()
  .use(staticFiles())
  .ws("/ws", { message: (socket, event) => socket.send("echo " + event.data) })
  .fsRoutes();

if (import.meta.main) await app.listen({ port: 0, onListen: ({ port }) => console.log(port) });
`,
  "dev.ts": `
import { Builder } from "fresh/dev";

await new Builder().build();
`,
};

/** The project's folder, removed when it is disposed of. */
export interface Project extends AsyncDisposable {
  readonly root: string;
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  /** Runs a program of the project, with flags of `deno run` before it. */
  spawn(args: readonly string[]): Deno.ChildProcess;
}

/** Makes the project, with other or further files. */
export async function makeProject(others: Readonly<Record<string, string>> = {}): Promise<Project> {
  const root = await Deno.makeTempDir({ prefix: "fresh-" });
  const write = async (path: string, text: string) => {
    await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text);
  };
  for (const [path, text] of Object.entries({ ...files, ...others })) await write(path, text);
  await Deno.symlink(`${home}/node_modules`, `${root}/node_modules`);
  const config = JSON.parse(await Deno.readTextFile(`${home}/deno.json`));
  const { imports, compilerOptions } = config;
  await write(
    "deno.json",
    JSON.stringify({ nodeModulesDir: "manual", lock: false, imports, compilerOptions }),
  );
  await copy(`${home}/lib/fresh`, `${root}/lib/fresh`);
  return {
    root,
    write,
    read: (path) => Deno.readTextFile(`${root}/${path}`),
    spawn: (args) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-q", "--no-prompt", ...args],
        cwd: root,
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    await (isDirectory ? copy : Deno.copyFile)(`${from}/${name}`, `${to}/${name}`);
  }
}
