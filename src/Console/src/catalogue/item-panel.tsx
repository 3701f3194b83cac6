import { when, size, words } from '../format';
import { onMap } from '../map/map-view';
import { drawn } from '../map/drawings';
import { go, href } from '../route';
import { onThisOrigin } from '../server/request';
import { useStore } from '../store';
import { Icon } from '../ui/icon';
import { ProblemNote } from '../ui/problem-note';
import { isAnalysisKey } from './analyses';
import { Analyses } from './analysis-panel';
import { DrawSwitch } from './draw-switch';
import { boxOf, drawingOf, keyOf, thumbnailOf, timesOf, titleOf, type Asset, type Item, type Link } from './stac';
import { Thumbnail } from './thumbnail';

const shownByItself = new Set(['title', 'description', 'datetime', 'start_datetime', 'end_datetime']);
// Links that only say where the item lies in the API.
const structural = new Set(['self', 'root', 'parent', 'collection']);

/** Everything about the open item. */
export function ItemPanel({ item }: { item: Item }) {
  const shown = useStore(drawn).get(keyOf(item)) ?? null;
  const drawing = drawingOf(item);
  const box = boxOf(item);
  const thumbnail = thumbnailOf(item);
  const description = item.properties['description'];
  return (
    <aside class="panel detail" aria-labelledby="item-title" data-testid="item-panel">
      <header class="detail-head">
        <div>
          <p class="eyebrow">{item.collection}</p>
          <h2 id="item-title">{titleOf(item)}</h2>
        </div>
        <button type="button" class="icon-button" onClick={() => go(href.catalogue)} aria-label="Close the item">
          <Icon name="close" />
        </button>
      </header>
      <div class="detail-body">
        {thumbnail && <div class="picture"><Thumbnail asset={thumbnail} alt={`Preview of ${titleOf(item)}`} /></div>}
        {drawing && <DrawSwitch item={item} drawing={drawing} shown={shown} />}
        {shown?.problem && <ProblemNote problem={shown.problem} />}
        <dl class="facts">
          <dt>Id</dt><dd class="code">{item.id}</dd>
          <dt>Date</dt><dd>{timesOf(item).map(when).join(' to ') || 'not stated'}</dd>
          {box && <><dt>Box</dt><dd class="code">{box.map((degrees) => degrees.toFixed(4)).join(', ')}</dd></>}
        </dl>
        {box && (
          <button type="button" class="button" onClick={() => onMap.world?.fit(box)}>
            <Icon name="focus" /> Zoom to it
          </button>
        )}
        {typeof description === 'string' && <p>{description}</p>}
        <Analyses key={keyOf(item)} item={item} />
        <Properties properties={item.properties} />
        <Assets assets={item.assets} />
        <Links links={item.links.filter((link) => !structural.has(link.rel))} />
      </div>
    </aside>
  );
}

function Properties({ properties }: { properties: Item['properties'] }) {
  const shown = Object.entries(properties).filter(([name, value]) => !shownByItself.has(name) && value !== null);
  if (shown.length === 0) return null;
  return (
    <section>
      <h3>Properties</h3>
      <dl class="facts">
        {shown.map(([name, value]) => [
          <dt key={name}>{name}</dt>, <dd key={`${name} value`}><Value value={value} /></dd>,
        ])}
      </dl>
    </section>
  );
}

function Value({ value }: { value: unknown }) {
  if (typeof value === 'string') return <>{/^\d{4}-\d\d-\d\dT/.test(value) ? when(value) : value}</>;
  if (typeof value === 'number' || typeof value === 'boolean') return <>{String(value)}</>;
  if (Array.isArray(value) && value.every((part) => typeof part !== 'object'))
    return <>{value.join(', ')}</>;
  return <details><summary>Show</summary><pre class="json">{JSON.stringify(value, null, 2)}</pre></details>;
}

function Assets({ assets }: { assets: Readonly<Record<string, Asset>> }) {
  // Analyses have a place of their own, where their versions stand side by side.
  const entries = Object.entries(assets).filter(([key]) => !isAnalysisKey(key));
  if (entries.length === 0) return null;
  return (
    <section>
      <h3>Assets</h3>
      <ul class="files">
        {entries.map(([name, asset]) => (
          <li key={name}>
            <a href={address(asset.href)} target="_blank" rel="noopener">
              <Icon name="download" />
              <span>
                <span class="file-name">{asset.title ?? words(name)}</span>
                <span class="quiet">{about(asset)}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function about(asset: Asset): string {
  const bytes = asset['file:size'];
  return [asset.roles?.join(', '), asset.type?.split(';')[0], bytes === undefined ? null : size(bytes)]
    .filter(Boolean).join(' · ');
}

function Links({ links }: { links: readonly Link[] }) {
  return (
    <section>
      <h3>Links</h3>
      <ul class="files">
        {links.map((link) => (
          <li key={`${link.rel} ${link.href}`}>
            <a href={address(link.href)} target="_blank" rel="noopener">
              <Icon name="external" />
              <span>
                <span class="file-name">{link.title ?? words(link.rel)}</span>
                <span class="quiet">{link.type ?? link.rel}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

// Only web addresses become links: a catalogue may hold s3:// and worse.
function address(href: string): string {
  const url = new URL(href, document.baseURI);
  if (url.hostname === location.hostname) return onThisOrigin(href);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : '#/';
}
