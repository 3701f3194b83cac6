import { asProblem, Problem } from './problem';
import { session } from './session';

/** The address of a path on this server, also when the console lies under a proxy's path. */
export function address(path: string): string {
  return new URL(path.replace(/^\//, ''), document.baseURI).href;
}

/** An address that the server wrote, on the origin this page came from: a proxy may have changed the scheme or host. */
export function onThisOrigin(href: string): string {
  const url = new URL(href, document.baseURI);
  return new URL(url.pathname + url.search, document.baseURI).href;
}

/** The headers that say who asks. */
export function keyHeaders(key: string | null = session.value.key): Record<string, string> {
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}

/** Asks and returns the answer; a refusal is thrown as a Problem. */
export async function ask(href: string, init: RequestInit = {}, key?: string | null): Promise<Response> {
  let response: Response;
  try {
    const headers = { ...keyHeaders(key), ...(init.headers as Record<string, string>) };
    response = await fetch(href, { ...init, headers });
  } catch (thrown) {
    if (init.signal?.aborted) throw thrown;
    throw asProblem(thrown);
  }
  if (!response.ok) throw await Problem.of(response);
  return response;
}

/** GETs JSON. */
export async function getJson<T>(href: string, signal?: AbortSignal, key?: string | null): Promise<T> {
  const init: RequestInit = { headers: { Accept: 'application/json, application/geo+json' } };
  if (signal) init.signal = signal;
  const response = await ask(href, init, key);
  return (await response.json()) as T;
}

/** POSTs JSON, or nothing, and returns the answer's JSON. */
export async function postJson<T>(href: string, body?: unknown): Promise<T> {
  const response = await ask(href, {
    method: 'POST',
    headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return (await response.json()) as T;
}
