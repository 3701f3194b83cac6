import { asProblem, type Problem } from '../server/problem';
import { address, getJson } from '../server/request';
import { go, href, route } from '../route';
import { Store } from '../store';
import { found } from './search';
import { keyOf, type Item } from './stac';

/** The item that is open; null when none is. */
export const chosenItem = new Store<Item | null>(null);

/** Why the item that the address names is not shown. */
export const chosenProblem = new Store<Problem | null>(null);

/** The key of the item that is pointed at, in the list or on the map. */
export const pointedAt = new Store<string | null>(null);

/** Opens an item; the address says so. */
export function openItem(item: Item): void {
  chosenItem.set(item);
  go(href.item(item.collection, item.id));
}

/** Keeps the open item in step with the address: links, the back button, a reload. */
export function followRoute(): () => void {
  const apply = (): void => void choose();
  apply();
  return route.watch(apply);
}

async function choose(): Promise<void> {
  const at = route.value;
  chosenProblem.set(null);
  if (at.view !== 'catalogue' || !at.collection || !at.item) {
    chosenItem.set(null);
    return;
  }
  const key = `${at.collection}/${at.item}`;
  if (chosenItem.value && keyOf(chosenItem.value) === key) return;
  const known = found.value.items.find((item) => keyOf(item) === key);
  if (known) {
    chosenItem.set(known);
    return;
  }
  try {
    const path = `api/collections/${encodeURIComponent(at.collection)}/items/${encodeURIComponent(at.item)}`;
    const item = await getJson<Item>(address(path));
    if (route.value === at) chosenItem.set(item);
  } catch (thrown) {
    chosenItem.set(null);
    chosenProblem.set(asProblem(thrown));
  }
}
