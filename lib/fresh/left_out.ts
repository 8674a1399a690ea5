/**
 * What Fresh has and this engine leaves out on purpose: each says so when it is used, in the place of an import error that
 * explains nothing.
 */

/** Says what is missing, and what to do instead. Typed so that it fits wherever Fresh's own function does. */
function leftOut(name: string, instead: string): (...args: never[]) => never {
  return () => {
    throw new Error(`Cannot use ${name}: this engine leaves it out on purpose. ${instead}`);
  };
}

/** Not here: parts of a page are islands. */
export const Partial: (...args: never[]) => never = leftOut(
  "<Partial>",
  "Let an island fetch what it needs.",
);
/** Not here: Hono has it. */
export const ipFilter: (...args: never[]) => never = leftOut(
  "ipFilter",
  "Mount a Hono application that uses hono/ip-restriction.",
);
/** Not here: `app.use(path, …)` and `app.all(path, …)` take another application's handler. */
export const mountApp: (...args: never[]) => never = leftOut(
  "app.mountApp",
  "Register its routes on this App, or pass requests on with app.all().",
);
/** Not here, and with it plugins that change files while a project is built. */
export const onTransformStaticFile: (...args: never[]) => never = leftOut(
  "builder.onTransformStaticFile",
  "Put files into static/ as they shall be served.",
);
