import { count, when } from '../format';
import { href } from '../route';
import { useStore } from '../store';
import { Command } from '../ui/command';
import { EmptyState } from '../ui/empty-state';
import { ProblemNote } from '../ui/problem-note';
import { chosenItem, openItem, pointedAt } from './chosen';
import { clearQuery, found, isEverything, more, query, search } from './search';
import { keyOf, thumbnailOf, timesOf, titleOf, type Item } from './stac';
import { Thumbnail } from './thumbnail';

/** What was found, as a list beside the map. */
export function ItemList() {
  const { items, matched, next, searching, problem, answered } = useStore(found);
  const asked = useStore(query);
  const chosen = useStore(chosenItem);
  if (problem) return <ProblemNote problem={problem} retry={() => void search()} />;
  if (!answered) return <p class="quiet padded" role="status">Reading the catalogue…</p>;
  if (items.length === 0 && !searching) return isEverything(asked) ? <NothingYet /> : <NothingFits />;
  return (
    <>
      <p class="list-summary" role="status">{summary(items.length, matched, searching)}</p>
      <ul class="items">
        {items.map((item) => (
          <Row key={keyOf(item)} item={item} open={chosen !== null && keyOf(chosen) === keyOf(item)} />
        ))}
      </ul>
      {next && (
        <div class="padded">
          <button type="button" class="button wide" disabled={searching} onClick={() => void more()}>Show more</button>
        </div>
      )}
    </>
  );
}

function summary(shown: number, matched: number | null, searching: boolean): string {
  const items = shown === 1 ? 'item' : 'items';
  const partly = matched !== null && matched > shown;
  const number = partly ? `${count(shown)} of ${count(matched)} items` : `${count(shown)} ${items}`;
  return searching ? `${number} · searching…` : number;
}

function Row({ item, open }: { item: Item; open: boolean }) {
  const key = keyOf(item);
  return (
    <li>
      <a class="item-row" href={href.item(item.collection, item.id)} aria-current={open ? 'true' : undefined}
        data-testid="item-row"
        onClick={(event) => { event.preventDefault(); openItem(item); }}
        onMouseEnter={() => pointedAt.set(key)} onMouseLeave={() => pointedAt.set(null)}
        onFocus={() => pointedAt.set(key)} onBlur={() => pointedAt.set(null)}>
        <Thumbnail asset={thumbnailOf(item)} alt="" />
        <span class="item-words">
          <span class="item-title">{titleOf(item)}</span>
          <span class="item-facts">
            <span>{timesOf(item).map(when).join(' to ') || 'no date'}</span>
            <span class="chip">{item.collection}</span>
          </span>
        </span>
      </a>
    </li>
  );
}

function NothingFits() {
  return (
    <EmptyState title="Nothing fits these filters">
      <p>
        Widen the dates, move the map, or
        {' '}<button type="button" class="link-button" onClick={clearQuery}>clear all filters</button>.
      </p>
    </EmptyState>
  );
}

function NothingYet() {
  return (
    <EmptyState title="The catalogue is empty">
      <p>See the main job done on samples, on a fresh data folder:</p>
      <Command text="dotnet run --project src/Waypost -- demo --urls http://127.0.0.1:8090" />
      <p>Or send a file of your own to this server, as GeoTIFF or GeoJSON:</p>
      <Command text={`dotnet run --project src/Cli -- \\
  submit FILE --wait --dataset my-data \\
  --resource scene --version 1 \\
  --server ${location.origin} \\
  --key YOUR-KEY`} />
      <p>Without the client, with curl:</p>
      <Command text={`W=${location.origin}/platform
K="X-API-Key: YOUR-KEY"
curl -T FILE -H "$K" $W/uploads/FILE
curl -H "$K" $W/submit --json '{
  "dataset_id": "my-data",
  "resource_id": "scene",
  "version_id": "1",
  "request_type": "raster",
  "source_path": "upload:FILE"}'`} />
      <p class="quiet">New items appear here and on the map by themselves.</p>
    </EmptyState>
  );
}
