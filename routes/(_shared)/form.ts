// What a form brought.

const formLengthAtMost = 4096;

/** The fields of a form; none where it is no form. */
export async function fieldsOf(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get("content-type") ?? "";
  const length = Number(request.headers.get("content-length") ?? Infinity);
  if (!type.startsWith("application/x-www-form-urlencoded") || length > formLengthAtMost) {
    return new URLSearchParams();
  }
  // Whoever goes away in the middle of it has sent none.
  return new URLSearchParams(await request.text().catch(() => ""));
}
