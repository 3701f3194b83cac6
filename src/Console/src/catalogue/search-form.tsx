import { useState } from 'preact/hooks';
import { onMap } from '../map/map-view';
import { useStore } from '../store';
import { Icon } from '../ui/icon';
import { clearQuery, collections, isEverything, query, type Query, type Sort } from './search';

const orders: readonly (readonly [Sort, string])[] = [
  ['', 'Latest first'], ['+datetime', 'Earliest first'], ['+properties.title', 'By title'],
  ['-updated', 'Changed last'],
];

type Change = (changed: Partial<Query>) => void;

/** Narrows the search by words, days, collection, place and a condition on properties. */
export function SearchForm() {
  const asked = useStore(query);
  const change: Change = (changed) => query.update((before) => ({ ...before, ...changed }));
  return (
    <form class="search" role="search" aria-label="Search the catalogue" onSubmit={(event) => event.preventDefault()}>
      <label class="search-text">
        <span class="visually-hidden">Words or id</span>
        <Icon name="search" />
        <input type="search" placeholder="Words, or an id" value={asked.text} spellcheck={false}
          onInput={(event) => change({ text: event.currentTarget.value })} />
      </label>
      <Days asked={asked} change={change} />
      <Choices asked={asked} change={change} />
      <Place asked={asked} change={change} />
      <Condition asked={asked} change={change} />
      {!isEverything(asked) && (
        <button type="button" class="link-button clear" onClick={clearQuery}>Clear all filters</button>
      )}
    </form>
  );
}

function Days({ asked, change }: { asked: Query; change: Change }) {
  return (
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
  );
}

function Choices({ asked, change }: { asked: Query; change: Change }) {
  const known = useStore(collections);
  return (
    <div class="search-row">
      <label class="field">
        <span>Collection</span>
        <select value={asked.collection} onInput={(event) => change({ collection: event.currentTarget.value })}>
          <option value="">All collections</option>
          {known.map(({ id, title }) => <option key={id} value={id}>{title ?? id}</option>)}
        </select>
      </label>
      <label class="field">
        <span>Order</span>
        <select value={asked.sort} onInput={(event) => change({ sort: event.currentTarget.value as Sort })}>
          {orders.map(([sort, words]) => <option key={sort} value={sort}>{words}</option>)}
        </select>
      </label>
    </div>
  );
}

function Place({ asked, change }: { asked: Query; change: Change }) {
  const [drawing, setDrawing] = useState(false);
  const draw = async (): Promise<void> => {
    setDrawing(true);
    const box = await onMap.world?.drawBox();
    setDrawing(false);
    if (box) change({ box, inView: false });
  };
  return (
    <div class="search-row place">
      <button type="button" class="chip-button" aria-pressed={drawing} data-testid="draw-box"
        onClick={() => void draw()}>
        {drawing ? 'Drag a box on the map' : 'Draw a box'}
      </button>
      {asked.box && (
        <button type="button" class="chip-button" aria-pressed onClick={() => change({ box: null })}
          aria-label="Search everywhere again">
          {asked.box.map((degrees) => degrees.toFixed(1)).join(', ')} ✕
        </button>
      )}
      <label class="switch">
        <input type="checkbox" role="switch" checked={asked.inView} disabled={asked.box !== null}
          onInput={(event) => change({ inView: event.currentTarget.checked })} />
        <span>In this view</span>
      </label>
    </div>
  );
}

// A condition is sent when it is finished: half of one is no CQL2.
function Condition({ asked, change }: { asked: Query; change: Change }) {
  return (
    <details class="condition" open={asked.filter !== ''}>
      <summary>Condition on properties</summary>
      <label>
        <span class="visually-hidden">Condition in CQL2 text</span>
        <input type="text" class="code" value={asked.filter} spellcheck={false} autocapitalize="none"
          placeholder="time_diff_s < 900 AND platform = 'S2A'" data-testid="condition"
          onChange={(event) => change({ filter: event.currentTarget.value })} />
      </label>
      <p class="quiet">CQL2 text; Enter searches. Names are those of the items' properties.</p>
    </details>
  );
}
