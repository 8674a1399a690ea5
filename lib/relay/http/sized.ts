// Answers whose length is known before they go: whoever compresses sees which of them are worth it.

const encoder = new TextEncoder();

/** An answer with this text. */
export function sizedResponse(
  text: string,
  { status = 200, headers }: { readonly status?: number; readonly headers: Readonly<Record<string, string>> },
): Response {
  const body = encoder.encode(text);
  return new Response(body, { status, headers: { ...headers, "content-length": String(body.length) } });
}
