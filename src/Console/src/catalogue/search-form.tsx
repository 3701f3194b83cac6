import { useStore } from '../store';
import { Icon } from '../ui/icon';
import { clearQuery, collections, isEverything, query, type Query } from './search';

/** Narrows the search by text, collection, days and the map's view. */
export function SearchForm() {
  const asked = useStore(query);
  const known = useStore(collections);
  const change = (changed: Partial<Query>): void => query.update((before) => ({ ...before, ...changed }));
  return (
    <form class="search" role="search" aria-label="Search the catalogue" onSubmit={(event) => event.preventDefault()}>
      <label class="search-text">
        <span class="visually-hidden">Id or title</span>
        <Icon name="search" />
        <input type="search" placeholder="Id or title" value={asked.text} spellcheck={false}
          onInput={(event) => change({ text: event.currentTarget.value })} />
      </label>
      <div class="search-row">
        <label class="field">
          <span>From</span>
          <input type="date" value={asked.from} max={asked.to}
            onInput={(event) => change({ from: event.currentTarget.value })} />
        </label>
        <label class="field">
          <span>To</span>
          <input type="date" value={asked.to} min={asked.from}
            onInput={(event) => change({ to: event.currentTarget.value })} />
        </label>
      </div>
      <div class="search-row">
        <label class="field">
          <span>Collection</span>
          <select value={asked.collection} onInput={(event) => change({ collection: event.currentTarget.value })}>
            <option value="">All collections</option>
            {known.map(({ id, title }) => <option key={id} value={id}>{title ?? id}</option>)}
          </select>
        </label>
        <label class="switch">
          <input type="checkbox" role="switch" checked={asked.inView}
            onInput={(event) => change({ inView: event.currentTarget.checked })} />
          <span>In this view</span>
        </label>
      </div>
      {!isEverything(asked) && (
        <button type="button" class="link-button clear" onClick={clearQuery}>Clear all filters</button>
      )}
    </form>
  );
}
