import { readEnv } from "../../_lib/env";

/** The backend, under the origin of the pages: requests and answers pass through as they come. */

type Context = { params: Promise<{ path: string[] }> };

const REACHABLE = ["ml", "auth"]; // first segments of the backend's paths that browsers need
const ASKED = [
  "accept",
  "apikey",
  "authorization",
  "content-type",
  "content-length",
  "idempotency-key",
  "if-none-match",
  "last-event-id",
  "x-client-info",
  "x-supabase-api-version",
];
const ANSWERED = [
  "content-disposition",
  "content-security-policy",
  "content-type",
  "etag",
  "location",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "x-content-type-options",
  "x-request-id",
];
const UNREACHABLE = {
  type: "about:blank",
  title: "Bad gateway",
  status: 502,
  detail: "The backend cannot be reached: it may be starting, or ML_API_URL names another place.",
};

async function pass(request: Request, { params }: Context): Promise<Response> {
  const { path } = await params;
  if (!REACHABLE.includes(path[0] ?? "") || path.some(leadsElsewhere))
    return new Response(null, { status: 404 });
  const url = new URL(`/${path.map(encodeURIComponent).join("/")}`, readEnv().ML_API_URL);
  url.search = new URL(request.url).search;
  try {
    const answer = await fetch(url, {
      method: request.method,
      headers: pick(request.headers, ASKED),
      body: request.body,
      signal: request.signal,
      cache: "no-store",
      duplex: "half",
      // Node keeps a copy of a whole body, for a redirect, unless it is told that none may follow.
      redirect: request.body ? "error" : "manual",
      window: null,
    } as RequestInit);
    return new Response(answer.body, {
      status: answer.status,
      headers: { ...pick(answer.headers, ANSWERED), "cache-control": cacheControl(answer) },
    });
  } catch (error) {
    if (request.signal.aborted) return new Response(null, { status: 499 });
    console.error(`The backend at ${url.origin} cannot be reached:`, error);
    return Response.json(UNREACHABLE, {
      status: 502,
      headers: { "content-type": "application/problem+json" },
    });
  }
}

/** Some servers take an encoded "../" for what it is in a folder. */
const leadsElsewhere = (segment: string) => /[/\\]|^\.{1,2}$/.test(segment);

/** A stream that is compressed comes when it is over. */
function cacheControl(answer: Response): string {
  const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
  return isStream ? "no-cache, no-transform" : "private, no-cache";
}

function pick(headers: Headers, names: string[]): Record<string, string> {
  const found = names.map((name) => [name, headers.get(name)] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== null));
}

export { pass as DELETE, pass as GET, pass as PATCH, pass as POST, pass as PUT };
