// npx starts its command through a shell, and a SIGTERM to npx ends that shell alone: `deno task` and all below it would go
// on for ever. Nothing tells a process of this but its runner's new parent, which /proc shows. Deno opens /proc to nobody
// without every permission, so `cat` reads it.

const intervalMs = 500;

async function parentOf(pid: number): Promise<string | undefined> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/stat`], stderr: "null" }).output();
  // "<pid> (<name>) <state> <parent> …": the name may hold anything, a closing parenthesis included
  return new TextDecoder().decode(stdout).split(") ").at(-1)?.split(" ")[1];
}

/** Resolves when this process runs below npx and npx was ended. Never resolves elsewhere. */
export async function runnerEnd(): Promise<"npx"> {
  if (Deno.env.get("npm_command") !== "exec") return new Promise(() => {});
  const runner = Deno.ppid;
  const parent = await parentOf(runner);
  return new Promise((resolve) => {
    const timer = setInterval(async () => {
      if (await parentOf(runner) === parent) return;
      clearInterval(timer);
      resolve("npx");
    }, intervalMs);
  });
}
