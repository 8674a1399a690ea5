import assert from "node:assert/strict";
import { z } from "zod";
import { ConfigurationError, parseConfiguration, variable } from "../../../lib/process/mod.ts";

const schema = z.object({
  PORT: variable.integer(0, 65535).default(8000),
  TOKEN: z.string(),
  AGENT_TOKEN: variable.token(16).optional(),
  VIEWER_SECRET: z.string().min(32, "is short").optional(),
  FOLDER: variable.path().optional(),
  NAMES: variable.list(z.string()).default([]),
  SLOTS: variable.list(z.string().regex(/^([1-9]|1\d|20)$/, "is not 1 to 20")).optional(),
  OPEN: variable.flag().default(false),
});

const parse = (variables: Record<string, string>) => parseConfiguration(schema, (name) => variables[name]);

function linesOf(variables: Record<string, string>): readonly string[] {
  try {
    parse(variables);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.lines;
    throw error;
  }
  return [];
}

Deno.test("configuration - what is not set, or empty, has its default", () => {
  assert.deepEqual(parse({ TOKEN: "secret", PORT: "" }), {
    PORT: 8000,
    TOKEN: "secret",
    NAMES: [],
    OPEN: false,
  });
});

Deno.test("configuration - texts become numbers, lists and flags", () => {
  assert.deepEqual(parse({ TOKEN: "s", PORT: "0", NAMES: "a, b,", OPEN: "1" }), {
    PORT: 0,
    TOKEN: "s",
    NAMES: ["a", "b"],
    OPEN: true,
  });
});

Deno.test("configuration - each bad variable has one line that names it, its value and what is wrong", () => {
  assert.deepEqual(linesOf({ PORT: "70000", OPEN: "maybe" }), [
    "PORT=70000: is above 65535",
    "TOKEN: must be set",
    "OPEN=maybe: is not 0 or 1",
  ]);
  assert.deepEqual(linesOf({ TOKEN: "s", PORT: "80a" }), ["PORT=80a: is not a whole number"]);
});

Deno.test("configuration - a variable that is wrong in two ways, or twice in the same way, has one line", () => {
  assert.deepEqual(linesOf({ TOKEN: "s", AGENT_TOKEN: "a b" }), [
    "AGENT_TOKEN: is shorter than 16 characters",
  ]);
  assert.deepEqual(linesOf({ TOKEN: "s", SLOTS: "0,21" }), ["SLOTS=0,21: is not 1 to 20"]);
});

Deno.test("configuration - a value with line ends stays on its line", () => {
  assert.deepEqual(linesOf({ TOKEN: "s", PORT: "80\n81\u2028" }), [
    "PORT=80\\n81\\u2028: is not a whole number",
  ]);
});

Deno.test("configuration - the value of a secret is in no line", () => {
  assert.deepEqual(linesOf({ TOKEN: "s", AGENT_TOKEN: "hunter2", VIEWER_SECRET: "hunter3" }), [
    "AGENT_TOKEN: is shorter than 16 characters",
    "VIEWER_SECRET: is short",
  ]);
});

Deno.test("configuration - a token that no Authorization header can carry is refused", () => {
  for (const token of ["a token of many characters", "tökentökentökentöken", "t".repeat(16) + "\n"]) {
    assert.deepEqual(linesOf({ TOKEN: "s", AGENT_TOKEN: token }), [
      "AGENT_TOKEN: holds a space or a character outside ASCII: write letters, digits and punctuation alone",
    ]);
  }
  assert.deepEqual(linesOf({ TOKEN: "s", AGENT_TOKEN: "0aZ!~-_.+/=,:;%$" }), []);
});

Deno.test("configuration - a path with a comma is refused, because it would be two in a list of permissions", () => {
  assert.deepEqual(linesOf({ TOKEN: "s", FOLDER: "/tmp/a,b" }), [
    "FOLDER=/tmp/a,b: holds a comma, which permissions for a path cannot: write a path without one",
  ]);
  assert.deepEqual(parse({ TOKEN: "s", FOLDER: "/tmp/my data" }).FOLDER, "/tmp/my data");
});
