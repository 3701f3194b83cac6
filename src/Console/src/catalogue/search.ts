import { Store } from '../store';
import { asProblem, type Problem } from '../server/problem';
import { address, getJson, onThisOrigin } from '../server/request';
import { keyOf, type Box, type Collection, type Item, type ItemPage } from './stac';

/** What is looked for. */
export interface Query {
  /** Words of titles, descriptions and keywords, as STAC's free text takes them; or a whole id. */
  readonly text: string;
  /** A condition on properties, as CQL2 text. */
  readonly filter: string;
  readonly sort: Sort;
  readonly collection: string;
  /** The first and last day, `YYYY-MM-DD`; empty: open. */
  readonly from: string;
  readonly to: string;
  readonly inView: boolean;
  /** Drawn on the map; null: anywhere. */
  readonly box: Box | null;
}

/** In which order items are listed: STAC's `sortby`; empty: latest first. */
export type Sort = '' | '+datetime' | '+properties.title' | '-updated';

/** What was found. */
export interface Found {
  readonly items: readonly Item[];
  readonly matched: number | null;
  readonly next: string | null;
  readonly searching: boolean;
  readonly problem: Problem | null;
  /** True once any search was answered. */
  readonly answered: boolean;
}

const pageSize = 100;
const emptyQuery: Query = {
  text: '', filter: '', sort: '', collection: '', from: '', to: '', inView: false, box: null,
};

export const query = new Store<Query>(emptyQuery);
export const view = new Store<Box | null>(null);
export const found = new Store<Found>({
  items: [], matched: null, next: null, searching: false, problem: null, answered: false,
});
export const collections = new Store<readonly Collection[]>([]);

let running: AbortController | null = null;

/** Searches afresh; a search that is still running is given up. */
export async function search(): Promise<void> {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  found.update((before) => ({ ...before, searching: true }));
  try {
    const page = await getJson<ItemPage>(searchAddress(query.value, view.value), mine.signal);
    const items = await withExactId(page.features, query.value.text, mine.signal);
    found.set({
      items, matched: page.numberMatched ?? null, next: nextOf(page), searching: false, problem: null, answered: true,
    });
  } catch (thrown) {
    if (mine.signal.aborted) return;
    found.set({
      items: [], matched: null, next: null, searching: false, problem: asProblem(thrown), answered: true,
    });
  }
}

/** Adds the next page. */
export async function more(): Promise<void> {
  const next = found.value.next;
  if (!next || found.value.searching) return;
  const mine = (running = new AbortController());
  found.update((before) => ({ ...before, searching: true }));
  try {
    const page = await getJson<ItemPage>(onThisOrigin(next), mine.signal);
    found.update((before) => ({
      ...before, items: [...before.items, ...page.features], next: nextOf(page), searching: false, problem: null,
    }));
  } catch (thrown) {
    if (mine.signal.aborted) return;
    found.update((before) => ({ ...before, searching: false, problem: asProblem(thrown) }));
  }
}

/** Reads the collections to choose from. */
export async function loadCollections(): Promise<void> {
  try {
    const answer = await getJson<{ collections: readonly Collection[] }>(address('api/collections'));
    collections.set(answer.collections);
  } catch {
    // The search shows the same problem, in words; without a list there is only nothing to choose from.
    collections.set([]);
  }
}

/** True when nothing narrows the search. */
export function isEverything(asked: Query): boolean {
  return searchAddress({ ...asked, sort: '' }, null) === searchAddress(emptyQuery, null) && !asked.inView;
}

/** Forgets every filter. */
export function clearQuery(): void {
  query.set(emptyQuery);
}

/** The address of a search, as STAC API's GET search takes it. */
export function searchAddress(asked: Query, box: Box | null): string {
  const parameters = new URLSearchParams({ limit: String(pageSize) });
  if (asked.collection !== '') parameters.set('collections', asked.collection);
  const from = asked.from === '' ? '..' : `${asked.from}T00:00:00Z`;
  const to = asked.to === '' ? '..' : `${asked.to}T23:59:59Z`;
  if (from !== '..' || to !== '..') parameters.set('datetime', `${from}/${to}`);
  const area = asked.box ?? (asked.inView ? box : null);
  if (area) parameters.set('bbox', area.map((degrees) => degrees.toFixed(5)).join(','));
  if (asked.text.trim() !== '') parameters.set('q', asked.text.trim());
  if (asked.filter.trim() !== '') {
    parameters.set('filter', asked.filter.trim());
    parameters.set('filter-lang', 'cql2-text');
  }
  if (asked.sort !== '') parameters.set('sortby', asked.sort);
  return address(`api/search?${parameters}`);
}

// The text may be a whole id, which free text does not look at.
async function withExactId(items: readonly Item[], text: string, signal: AbortSignal): Promise<readonly Item[]> {
  const id = text.trim();
  if (id === '' || items.some((item) => item.id === id)) return items;
  const parameters = new URLSearchParams({ ids: id, limit: '10' });
  const page = await getJson<ItemPage>(address(`api/search?${parameters}`), signal);
  const known = new Set(items.map(keyOf));
  return [...page.features.filter((item) => !known.has(keyOf(item))), ...items];
}

function nextOf(page: ItemPage): string | null {
  const next = page.links.find((link) => link.rel === 'next' && (link.method ?? 'GET') === 'GET');
  return next?.href ?? null;
}
