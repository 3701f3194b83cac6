import { Store } from './store';

/** What is being looked at; the address's hash says it, so that a view can be linked, reloaded and gone back to. */
export type Route =
  | { readonly view: 'catalogue'; readonly collection?: string; readonly item?: string }
  | { readonly view: 'jobs'; readonly job?: string };

/** Reads a hash such as `#/items/{collection}/{item}` or `#/jobs/{job}`; anything else is the catalogue. */
export function parseRoute(hash: string): Route {
  const parts = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  if (parts[0] === 'jobs') return parts[1] ? { view: 'jobs', job: parts[1] } : { view: 'jobs' };
  if (parts[0] === 'items' && parts[1] && parts[2]) return { view: 'catalogue', collection: parts[1], item: parts[2] };
  return { view: 'catalogue' };
}

/** The hash of an item, of a job, or of a list. */
export const href = {
  catalogue: '#/',
  jobs: '#/jobs',
  item: (collection: string, item: string) => `#/items/${encodeURIComponent(collection)}/${encodeURIComponent(item)}`,
  job: (job: string) => `#/jobs/${encodeURIComponent(job)}`,
};

/** The current view. */
export const route = new Store<Route>(parseRoute(location.hash));

window.addEventListener('hashchange', () => route.set(parseRoute(location.hash)));

/** Goes to a view. */
export function go(hash: string): void {
  location.hash = hash;
}
