/**
 * Finds the files of `routes/`, `islands/` and `static/`. Knows folders and names, not what the files hold.
 */

/** The project's source files that the engine cares about, in an order that does not depend on the file system. */
export interface Sources {
  /** Below `routes/`, without those in `(_islands)` and other `(_folders)`. */
  readonly routes: readonly Source[];
  readonly islands: readonly Source[];
}

/** A source file. */
export interface Source {
  /** A route's id, as in `RouteFile`; an island's name. */
  readonly name: string;
  /** Its path below the project's folder, with slashes. */
  readonly path: string;
}

const SOURCE = /\.(tsx?|jsx?)$/;
const TEST = /[._]test\.(tsx?|jsx?)$/;
const PRIVATE_FOLDER = /(^|\/)\(_[^/]+\)\//;
const LOCAL_ISLANDS = /(^|\/)\(_islands\)\//;

/** The routes and islands of the project at `root`. */
export async function crawl(root: string): Promise<Sources> {
  const [inRoutes, inIslands] = await Promise.all([
    filesBelow(`${root}/routes`),
    filesBelow(`${root}/islands`),
  ]);
  const isSource = (path: string) => SOURCE.test(path) && !TEST.test(path);
  const routes = inRoutes.filter(isSource).filter((path) => !PRIVATE_FOLDER.test(path)).map((path) => ({
    name: new URL(`file:///${path}`).pathname.replace(SOURCE, ""),
    path: `routes/${path}`,
  }));
  const islands = [
    ...inIslands.filter(isSource).map((path) => ({ name: path, path: `islands/${path}` })),
    ...inRoutes.filter(isSource).filter((path) => LOCAL_ISLANDS.test(path)).map((path) => ({
      name: path,
      path: `routes/${path}`,
    })),
  ];
  return { routes: routes.toSorted(byName), islands: named(islands.toSorted(byName)) };
}

/** Island names stand in comments, file names and addresses: letters, digits and underscores, each name once. */
function named(islands: readonly Source[]): Source[] {
  const seen = new Map<string, number>();
  return islands.map(({ name, path }) => {
    const plain = name.replace(SOURCE, "").replace(/\(_islands\)\//g, "").replace(/[^A-Za-z0-9]+/g, "_")
      .replace(/^_/, "");
    const count = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, count);
    return { name: count === 1 ? plain : `${plain}_${count}`, path };
  });
}

/** Paths of all files below a folder, relative to it; none when there is no such folder. Hidden ones are left out. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (prefix: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
      if (name.startsWith(".") && name !== ".well-known") continue;
      if (isDirectory) await walk(`${prefix}${name}/`);
      else found.push(prefix + name);
    }
  };
  try {
    await walk("");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.toSorted();
}

function byName(a: Source, b: Source): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
